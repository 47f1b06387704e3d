"""The README's picture: drawn scenes, and what the embedded model says of them.

    go build ./cmd/infer && python3 -m train.sheet ./infer testdata/everyday testdata/sheet.png
"""

import json
import subprocess
import sys
from pathlib import Path

from PIL import Image, ImageDraw

COLUMNS, SIDE, TEXT = 5, 128, 16


def main():
    infer, folder, out = sys.argv[1:]
    run = subprocess.run([infer, "-json", "-k", "1", folder], check=True, capture_output=True, text=True)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    rows = -(-len(records) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (SIDE + 8), rows * (SIDE + TEXT + 8)), "white")
    draw = ImageDraw.Draw(sheet)
    for i, record in enumerate(records):
        x, y = i % COLUMNS * (SIDE + 8) + 4, i // COLUMNS * (SIDE + TEXT + 8) + 4
        sheet.paste(Image.open(record["file"]).convert("RGB").resize((SIDE, SIDE)), (x, y))
        top = record["top"][0]
        name = top["label"].split(",")[0]  # ImageNet's classes have many names each
        draw.text((x, y + SIDE + 2), f"{name} {100 * top['prob']:.1f} %", fill="black")
    sheet = sheet.quantize(128)  # small enough for a repository
    sheet.save(Path(out), optimize=True)


if __name__ == "__main__":
    main()
