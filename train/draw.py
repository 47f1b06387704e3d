"""Draws the pictures of testdata/pictures: python3 -m train.draw [FOLDER].

Small scenes that a network trained on CIFAR can name, drawn by the code below
and by nothing else. They are drawings, not photographs: they show that a model
file works end to end, and measure nothing. Needs Pillow and NumPy.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

FINE = 4  # drawn this many times larger, then scaled down


class Scene:
    """A canvas with coordinates from 0 to 100 on both axes, y downwards."""

    def __init__(self, size, top, bottom, seed):
        self.size, self.side = size, size * FINE
        self.noise = np.random.RandomState(seed)
        t = np.linspace(0, 1, self.side)[:, None, None]
        rows = np.array(top) * (1 - t) + np.array(bottom) * t
        self.image = Image.fromarray(np.broadcast_to(rows, (self.side, self.side, 3)).astype(np.uint8).copy())

    def points(self, xy):
        return [(x * self.side / 100, y * self.side / 100) for x, y in xy]

    def polygon(self, xy, fill):
        ImageDraw.Draw(self.image).polygon(self.points(xy), fill=fill)

    def smooth(self, xy, fill):
        """A closed curve through the points (Catmull-Rom)."""
        p = np.array(xy, float)
        t = np.linspace(0, 1, 24, endpoint=False)[:, None]
        curve = []
        for k in range(len(p)):
            a, b, c, d = (p[(k + i) % len(p)] for i in (-1, 0, 1, 2))
            curve.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
        self.polygon(np.concatenate(curve).tolist(), fill)

    def ellipse(self, x, y, rx, ry, fill):
        ImageDraw.Draw(self.image).ellipse(self.points([(x - rx, y - ry), (x + rx, y + ry)]), fill=fill)

    def box(self, x0, y0, x1, y1, fill):
        ImageDraw.Draw(self.image).rectangle(self.points([(x0, y0), (x1, y1)]), fill=fill)

    def line(self, xy, width, fill):
        ImageDraw.Draw(self.image).line(self.points(xy), fill=fill, width=int(width * self.side / 100), joint="curve")

    def ground(self, y, near, far):
        """A band from y to the bottom, from colour far to colour near."""
        pixels = np.array(self.image)
        start = int(y * self.side / 100)
        t = np.linspace(0, 1, self.side - start)[:, None, None]
        pixels[start:] = (np.array(far) * (1 - t) + np.array(near) * t).astype(np.uint8)
        self.image = Image.fromarray(pixels)

    def texture(self, y0, y1, strength, grain=1.0, stretch=1.0):
        """Adds smooth grey noise between two heights; grain in percent of the side."""
        rows = int((y1 - y0) * self.side / 100)
        cell = max(1, int(grain * self.side / 100))
        small = self.noise.rand(rows // cell + 2, int(self.side / (cell * stretch)) + 2)
        field = Image.fromarray((255 * small).astype(np.uint8)).resize((self.side, rows), Image.BICUBIC)
        pixels = np.array(self.image).astype(float)
        top = int(y0 * self.side / 100)
        pixels[top : top + rows] += strength * (np.array(field, float)[:, :, None] / 127.5 - 1)
        self.image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))

    def cloud(self, x, y, size, fill):
        for dx, dy, r in ((-1.2, 0.2, 0.7), (-0.4, -0.2, 1), (0.5, 0, 0.9), (1.3, 0.3, 0.6)):
            self.ellipse(x + dx * size, y + dy * size, r * size, 0.6 * r * size, fill)

    def blur(self, percent):
        self.image = self.image.filter(ImageFilter.GaussianBlur(percent * self.side / 100))

    def finish(self, grain=3):
        """Scaled down, with a little sensor noise."""
        image = self.image.resize((self.size, self.size), Image.LANCZOS)
        pixels = np.array(image).astype(float) + grain * self.noise.randn(self.size, self.size, 1)
        return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def airplane():
    s = Scene(128, (92, 150, 215), (190, 215, 240), 1)
    s.cloud(22, 74, 10, (232, 238, 246))
    s.cloud(80, 82, 9, (228, 236, 245))
    s.blur(1.5)
    s.polygon([(52, 52), (38, 82), (45, 82), (66, 54)], (120, 128, 140))  # near wing
    s.polygon([(54, 45), (46, 26), (51, 26), (66, 45)], (150, 158, 168))  # far wing
    s.smooth([(8, 50), (14, 45), (30, 43), (78, 42), (94, 41), (94, 44), (76, 53), (30, 56), (14, 55)], (226, 230, 235))
    s.smooth([(10, 52), (30, 52), (76, 49), (92, 43), (76, 53), (30, 56), (14, 55)], (160, 167, 178))
    s.polygon([(80, 43), (90, 22), (97, 22), (94, 43)], (60, 84, 140))  # fin
    s.polygon([(82, 46), (92, 54), (97, 54), (93, 44)], (130, 138, 150))
    s.ellipse(44, 66, 5, 3, (95, 100, 110))
    for x in range(24, 76, 4):
        s.ellipse(x, 47, 0.8, 0.9, (70, 80, 100))
    s.polygon([(11, 48), (16, 45), (18, 48)], (50, 60, 80))
    return s.finish()


def ship():
    s = Scene(128, (150, 180, 210), (205, 218, 228), 2)
    s.ground(62, (28, 62, 96), (70, 110, 140))
    s.texture(62, 100, 22, 1.2, 4)
    s.polygon([(8, 52), (94, 50), (84, 70), (18, 70)], (36, 44, 64))
    s.polygon([(14, 65), (87, 65), (84, 70), (18, 70)], (140, 40, 36))
    s.box(30, 40, 72, 52, (238, 238, 236))
    s.box(36, 31, 64, 40, (228, 228, 228))
    s.box(42, 24, 56, 31, (220, 220, 222))
    s.box(58, 20, 65, 33, (190, 60, 44))
    s.box(58, 20, 65, 23, (40, 40, 44))
    for x in range(33, 70, 5):
        s.box(x, 43, x + 2.5, 46, (60, 74, 92))
    for x in range(39, 62, 5):
        s.box(x, 34, x + 2.5, 37, (60, 74, 92))
    s.line([(46, 24), (46, 10)], 1, (70, 70, 76))
    s.line([(80, 51), (80, 34)], 1, (70, 70, 76))
    s.line([(46, 12), (80, 36)], 0.5, (90, 90, 96))
    s.polygon([(10, 71), (90, 71), (94, 74), (6, 74)], (180, 200, 214))
    s.blur(0.4)
    return s.finish()


def wheel(s, x, y, r):
    s.ellipse(x, y, r, r, (24, 24, 26))
    s.ellipse(x, y, 0.55 * r, 0.55 * r, (170, 172, 178))
    s.ellipse(x, y, 0.2 * r, 0.2 * r, (70, 72, 76))


def street(s):
    s.ground(48, (150, 150, 146), (120, 140, 96))
    s.texture(36, 64, 26, 3)
    s.ground(66, (98, 98, 100), (128, 128, 128))
    s.texture(66, 100, 10, 1, 3)


def automobile():
    s = Scene(128, (176, 200, 226), (214, 224, 232), 3)
    street(s)
    s.ellipse(50, 83, 46, 5, (50, 50, 54))
    red, dark = (190, 26, 30), (130, 14, 20)
    s.smooth([(5, 70), (6, 60), (14, 55), (28, 52), (74, 52), (92, 57), (96, 66), (95, 77), (70, 79), (10, 79)], red)
    s.smooth([(26, 54), (38, 38), (48, 35), (62, 36), (72, 42), (80, 54)], red)
    s.polygon([(31, 53), (40, 40), (50, 38.5), (50, 53)], (70, 90, 110))
    s.polygon([(53, 53), (53, 38.5), (62, 39.5), (68, 43), (74, 53)], (62, 82, 102))
    s.polygon([(35, 50), (41, 41), (45, 40), (39, 50)], (150, 175, 195))
    s.line([(7, 70), (95, 70)], 1, dark)
    s.line([(51.5, 54), (52, 76)], 0.8, dark)
    s.ellipse(92, 62, 2.6, 2.4, (250, 240, 200))
    s.ellipse(7.5, 62, 1.8, 2.6, (255, 110, 60))
    wheel(s, 24, 78, 9)
    wheel(s, 77, 78, 9)
    s.blur(0.4)
    return s.finish()


def truck():
    s = Scene(128, (186, 206, 226), (222, 228, 232), 4)
    street(s)
    s.ellipse(50, 87, 48, 4, (50, 50, 54))
    s.box(4, 28, 66, 76, (232, 232, 228))
    s.box(4, 28, 66, 32, (200, 200, 198))
    s.box(4, 68, 66, 76, (150, 152, 154))
    s.polygon([(68, 40), (84, 40), (92, 56), (97, 60), (97, 80), (68, 80)], (40, 92, 160))
    s.polygon([(72, 44), (82.5, 44), (88, 56), (72, 56)], (60, 76, 92))
    s.box(4, 76, 97, 82, (60, 62, 66))
    s.ellipse(94.5, 69, 2, 2.4, (250, 240, 200))
    s.line([(70, 58), (70, 80)], 0.7, (24, 60, 110))
    for x in (16, 30, 84):
        wheel(s, x, 83, 7.5)
    s.blur(0.4)
    return s.finish()


def frog():
    s = Scene(128, (70, 62, 46), (132, 116, 88), 5)
    s.texture(0, 100, 30, 4)
    s.texture(0, 100, 16, 1.2)
    s.ellipse(50, 82, 42, 8, (54, 46, 34))
    g, d, l = (112, 152, 52), (70, 104, 32), (186, 200, 124)
    s.smooth([(10, 78), (12, 62), (24, 56), (34, 66), (32, 80)], d)
    s.smooth([(90, 78), (88, 62), (76, 56), (66, 66), (68, 80)], d)
    s.smooth([(20, 76), (20, 52), (30, 36), (50, 30), (70, 36), (80, 52), (80, 76), (66, 84), (34, 84)], g)
    s.smooth([(32, 80), (32, 62), (50, 56), (68, 62), (68, 80), (50, 85)], l)
    s.smooth([(24, 50), (28, 38), (50, 34), (72, 38), (76, 50), (64, 58), (36, 58)], g)
    for x in (31, 69):
        s.ellipse(x, 34, 9, 8.5, g)
        s.ellipse(x, 33, 6.5, 6.2, (206, 180, 60))
        s.ellipse(x, 33, 3.8, 4.4, (12, 12, 10))
        s.ellipse(x - 1.4, 31, 1.1, 1.1, (250, 250, 250))
    s.line([(27, 49), (36, 54), (50, 55.5), (64, 54), (73, 49)], 1.2, (36, 56, 20))
    for x, y, r in ((40, 44, 3), (58, 42, 2.5), (24, 64, 3), (76, 66, 3), (50, 38, 2)):
        s.ellipse(x, y, r, 0.8 * r, d)
    for x in (30, 70):
        for dx in (-6, 0, 6):
            s.line([(x, 78), (x + dx, 88)], 2.2, d)
    s.texture(28, 90, 10, 1)
    s.blur(0.5)
    return s.finish()


def horse():
    s = Scene(128, (150, 186, 220), (206, 220, 226), 6)
    s.ground(56, (70, 104, 40), (110, 136, 70))
    s.texture(56, 100, 22, 1.2)
    b, d = (112, 62, 30), (52, 28, 14)
    for x, shade in ((32, d), (68, d)):
        s.polygon([(x - 3, 58), (x + 4, 58), (x + 2, 88), (x - 2, 88)], shade)
    s.smooth([(22, 48), (30, 40), (50, 42), (66, 39), (76, 44), (76, 58), (64, 63), (44, 64), (28, 62), (21, 56)], b)
    for x in (26, 74):
        s.polygon([(x - 4.5, 54), (x + 5, 54), (x + 2.5, 74), (x + 2, 90), (x - 2, 90), (x - 2.5, 74)], b)
        s.box(x - 2.4, 88, x + 2.6, 92, (28, 22, 18))
    s.polygon([(66, 42), (76, 54), (86, 32), (90, 20), (80, 16), (74, 24)], b)
    s.smooth([(78, 18), (84, 13), (90, 17), (97, 30), (95, 35), (90, 34), (83, 28)], b)
    s.polygon([(80, 16), (81, 9), (85, 14)], b)
    s.smooth([(66, 40), (71, 27), (79, 14), (82, 17), (76, 30), (72, 42)], d)
    s.smooth([(23, 46), (14, 52), (11, 74), (16, 76), (20, 58), (26, 50)], d)
    s.ellipse(87, 20, 1, 1.1, (12, 8, 6))
    s.smooth([(30, 42), (50, 44), (66, 41), (60, 47), (40, 48)], (146, 90, 50))
    s.blur(0.5)
    return s.finish()


def deer():
    s = Scene(128, (96, 120, 70), (120, 140, 80), 7)
    s.texture(0, 60, 34, 5)
    s.ground(62, (104, 124, 52), (130, 146, 76))
    s.texture(56, 100, 20, 1.4)
    b, d = (150, 100, 58), (104, 66, 36)
    for x in (34, 62):
        s.polygon([(x - 2, 60), (x + 2.4, 60), (x + 1.4, 90), (x - 1, 90)], d)
    s.smooth([(24, 50), (34, 45), (54, 46), (68, 44), (74, 50), (70, 60), (54, 63), (34, 63), (25, 59)], b)
    for x in (28, 68):
        s.polygon([(x - 3, 56), (x + 3, 56), (x + 1.6, 74), (x + 1.4, 92), (x - 1.2, 92), (x - 1.6, 74)], b)
    s.polygon([(64, 47), (73, 56), (82, 34), (76, 28)], b)
    s.smooth([(73, 30), (79, 24), (86, 27), (93, 34), (90, 38), (80, 37)], b)
    s.ellipse(92, 35.5, 1.6, 1.6, (30, 22, 18))
    s.ellipse(82, 29.5, 1.2, 1.2, (20, 14, 10))
    s.smooth([(75, 28), (67, 25), (66, 21), (76, 24)], d)
    for sign in (0, 1):
        x = 78 + 3 * sign
        s.line([(x, 25), (x - 5 + 8 * sign, 14), (x - 3 + 8 * sign, 4)], 1.4, (90, 66, 44))
        s.line([(x - 4 + 7 * sign, 16), (x + 2 + 6 * sign, 9)], 1.2, (90, 66, 44))
        s.line([(x - 2 + 4 * sign, 19), (x - 9 + 14 * sign, 11)], 1.2, (90, 66, 44))
    s.smooth([(23, 52), (19, 54), (20, 60), (25, 58)], (236, 228, 214))
    s.smooth([(32, 60), (54, 61), (62, 60), (54, 64), (36, 64)], (206, 176, 140))
    s.blur(0.5)
    return s.finish()


def bird():
    s = Scene(128, (170, 200, 160), (140, 176, 120), 8)
    s.texture(0, 100, 22, 9)
    s.blur(3)
    s.line([(0, 82), (40, 78), (100, 80)], 4, (96, 74, 52))
    w, d = (90, 74, 58), (60, 48, 38)
    s.polygon([(20, 60), (2, 76), (8, 80), (32, 68)], d)
    s.smooth([(20, 60), (32, 44), (52, 36), (70, 44), (72, 58), (60, 72), (40, 74), (26, 68)], (196, 120, 66))
    s.smooth([(16, 66), (30, 46), (50, 42), (58, 50), (46, 64), (28, 68)], w)
    s.smooth([(54, 42), (58, 27), (70, 23), (80, 28), (82, 38), (74, 48), (62, 50)], w)
    s.smooth([(64, 40), (74, 34), (82, 38), (76, 50), (66, 54)], (206, 100, 50))
    s.polygon([(80, 31), (92, 35), (80, 37)], (50, 44, 40))
    s.ellipse(73, 31, 2.6, 2.6, (10, 10, 10))
    s.ellipse(72.2, 30, 0.8, 0.8, (250, 250, 250))
    for x in (44, 54):
        s.line([(x, 71), (x + 2, 79)], 1.6, (70, 50, 40))
    s.smooth([(44, 66), (58, 62), (60, 70), (48, 73)], (226, 206, 180))
    s.texture(24, 76, 8, 1)
    s.blur(0.4)
    return s.finish()


def cat():
    s = Scene(128, (206, 196, 180), (182, 160, 136), 9)
    s.texture(0, 100, 14, 8)
    s.blur(2)
    f, d = (112, 98, 84), (52, 44, 38)
    s.smooth([(22, 100), (20, 78), (34, 66), (66, 66), (80, 78), (78, 104), (50, 110)], f)
    for mirror in (lambda x: x, lambda x: 100 - x):
        s.polygon([(mirror(x), y) for x, y in ((21, 44), (20, 12), (46, 28))], f)
        s.polygon([(mirror(x), y) for x, y in ((25, 36), (24.5, 20), (38, 29))], (176, 128, 116))
    s.smooth([(18, 50), (24, 34), (40, 26), (60, 26), (76, 34), (82, 50), (74, 68), (58, 76), (42, 76), (26, 68)], f)
    for x in (42, 50, 58):
        s.line([(x, 27), (50 + (x - 50) * 0.7, 40)], 2.6, d)
    for sign in (-1, 1):
        for y in (50, 57, 64):
            s.line([(50 + sign * 31, y - 1), (50 + sign * 22, y)], 2, d)
        s.ellipse(50 + sign * 14, 48, 6.6, 5.2, (30, 24, 18))
        s.ellipse(50 + sign * 14, 48, 5.8, 4.6, (176, 186, 70))
        s.ellipse(50 + sign * 14, 48, 2.2, 4.4, (8, 8, 8))
        s.ellipse(50 + sign * 14 - 1.4, 46.4, 1, 1, (250, 250, 250))
        s.ellipse(50 + sign * 5, 65, 6.6, 5.4, (226, 212, 196))
        for y in (62, 66, 70):
            s.line([(50 + sign * 8, 64), (50 + sign * 34, y)], 0.4, (240, 236, 230))
    s.polygon([(46, 57), (54, 57), (50, 62)], (200, 110, 104))
    s.line([(50, 62), (50, 66)], 0.8, (60, 40, 32))
    for y in (82, 90):
        s.line([(30, y), (70, y + 2)], 2.4, d)
    s.texture(12, 100, 12, 0.8)
    s.blur(0.5)
    return s.finish()


def dog():
    s = Scene(128, (120, 150, 90), (96, 128, 66), 10)
    s.texture(0, 100, 24, 5)
    s.blur(2)
    f, d = (206, 168, 112), (140, 96, 54)
    s.smooth([(24, 104), (24, 80), (36, 68), (64, 68), (76, 80), (76, 104), (50, 110)], f)
    s.smooth([(24, 44), (32, 26), (50, 20), (68, 26), (76, 44), (70, 60), (60, 74), (50, 78), (40, 74), (30, 60)], f)
    s.smooth([(28, 28), (18, 36), (14, 58), (20, 66), (28, 56), (32, 38)], d)
    s.smooth([(72, 28), (82, 36), (86, 58), (80, 66), (72, 56), (68, 38)], d)
    s.smooth([(38, 56), (50, 50), (62, 56), (62, 70), (50, 78), (38, 70)], (232, 208, 168))
    for x in (39, 61):
        s.ellipse(x, 45, 4, 4, (40, 26, 16))
        s.ellipse(x - 1.2, 43.6, 1.1, 1.1, (250, 250, 250))
    s.ellipse(50, 57, 6.4, 4.6, (22, 18, 18))
    s.ellipse(48.5, 55.6, 1.5, 0.9, (150, 150, 150))
    s.line([(50, 61), (50, 67), (43, 70)], 1, (70, 44, 30))
    s.line([(50, 67), (57, 70)], 1, (70, 44, 30))
    s.smooth([(46, 69), (54, 69), (54, 77), (50, 80), (46, 77)], (218, 110, 116))
    s.texture(18, 100, 10, 0.8)
    s.blur(0.5)
    return s.finish()


SCENES = (airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck)


def write(scenes, name):
    """Draws the scenes into the folder that the command line names, or into testdata/NAME."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "testdata" / name
    folder.mkdir(parents=True, exist_ok=True)
    for scene in scenes:
        path = folder / f"{scene.__name__.replace('_', '-')}.png"
        scene().save(path, optimize=True)
        print(path, path.stat().st_size)


if __name__ == "__main__":
    write(SCENES, "pictures")
