export { AWQ_STATISTICS, type AwqSettings } from "./awq-block.js";
export {
  type InputGroup,
  type LayerTransformSettings,
  type LayerTransforms,
  layerTransforms,
  type OnlineRotation,
} from "./layer-transforms.js";
export { mergeScales, SCALE_SITES, type ScaleSite } from "./merge-scales.js";
export { ROTATION_SITES, type RotationSite } from "./rotation-sites.js";
export {
  magnitudeStatistic,
  SMOOTH_MAGNITUDES,
  type SmoothMagnitude,
  type SmoothSettings,
  type StatisticsReader,
} from "./smooth-block.js";
export {
  type TensorWriter,
  type TransformProgress,
  type TransformRun,
  type TransformSettings,
  transformModel,
} from "./transform-model.js";
