declare module "picomatch" {
  export default function picomatch(glob: string, options?: { readonly bash?: boolean }): (text: string) => boolean;
}
