"""The grids of the IQ types as lattice-grids.ts has them: python make_lattice_grids.py > ../lattice-grids.ts

The grids are constants of the format; they are read from the PyPI package `gguf` (gguf.quants).
A point is four hexadecimal digits: eight digits of 2 bits or four of 4 bits, the first in the lowest bits.
"""

import gguf.quants as quants
import numpy as np

GRIDS = [
    ("IQ1_GRID", quants.IQ1_S, 2, "IQ1_S and IQ1_M: 2048 points of eight digits"),
    ("IQ2_XXS_GRID", quants.IQ2_XXS, 2, "256 points of eight digits"),
    ("IQ2_XS_GRID", quants.IQ2_XS, 2, "512 points of eight digits"),
    ("IQ2_S_GRID", quants.IQ2_S, 2, "1024 points of eight digits"),
    ("IQ3_XXS_GRID", quants.IQ3_XXS, 4, "256 points of four digits"),
    ("IQ3_S_GRID", quants.IQ3_S, 4, "512 points of four digits"),
]

print("// Made by __golden__/make_lattice_grids.py: constants of the GGUF format, the points that the IQ types choose from.")
print("// A point is four hexadecimal digits: eight digits of 2 bits or four of 4 bits, the first in the lowest bits.")
for name, quant, bits, comment in GRIDS:
    quant.init_grid()
    values = quant.grid.reshape(quant.grid_shape).astype(int)
    levels = list(quant.grid_map)
    print(f"\n/** {comment}: {', '.join(str(level) for level in levels)}. */\nexport const {name} = `")
    points = [
        sum(levels.index(value) << (bits * place) for place, value in enumerate(row)) for row in values.tolist()
    ]
    assert len(points) == quant.grid_shape[0] and max(points) < 65536
    for begin in range(0, len(points), 28):
        print("".join(f"{point:04x}" for point in points[begin : begin + 28]))
    print("`;")
