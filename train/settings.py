"""Settings of commands: a dataclass each, whose fields are the command line's options, declared once.

    @dataclass
    class Mine(Settings):
        epochs: int = option(30, "how long", natural)

`Mine.declare(parser)` gives an argparse parser the options, `Mine.parsed(namespace)` takes
what it found, and a program says `Mine(epochs=3)`. Help texts end in the default.
"""

import argparse
import dataclasses


def option(default, help, kind=str, choices=None, required=False, source=False):
    """A field. kind turns text into a value; source: exactly one of the options that say so must be given."""
    meta = {"help": help, "kind": kind, "choices": choices, "required": required, "source": source}
    return dataclasses.field(default=default, metadata=meta)


def flag(help, source=False):
    """A field that is False unless its option is given."""
    return option(False, help, bool, source=source)


class Settings:
    """The base of all."""

    @classmethod
    def declare(cls, parser):
        """Adds an option for every field that `option` or `flag` made."""
        sources = None
        for field in dataclasses.fields(cls):
            meta = field.metadata
            if not meta:
                continue
            if meta["source"] and sources is None:
                sources = parser.add_mutually_exclusive_group(required=True)
            where = sources if meta["source"] else parser
            name, text = "--" + field.name.replace("_", "-"), meta["help"]
            if meta["kind"] is bool:
                where.add_argument(name, action="store_true", help=text)
                continue
            if field.default is not None:
                text += f" (default: {shown(field.default)})"
            where.add_argument(
                name, type=meta["kind"], default=field.default, choices=meta["choices"], required=meta["required"], help=text
            )

    @classmethod
    def parsed(cls, namespace, **others):
        """Of what argparse found, and fields without an option."""
        names = {field.name for field in dataclasses.fields(cls)}
        return cls(**{k: v for k, v in vars(namespace).items() if k in names}, **others)

    def values(self):
        """All fields by name, for a file."""
        return dataclasses.asdict(self)


def shown(value):
    """A default as one would type it."""
    if isinstance(value, tuple):
        return ",".join(f"{v:g}" for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def refuse(text, want):
    raise argparse.ArgumentTypeError(f"got {text!r}, want {want}")


def number(text, kind, want, low, high=float("inf")):
    """A number from low to high."""
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        refuse(text, want)
    return value


def natural(text):
    return number(text, int, "a whole number, 1 or more", 1)


def count(text):
    return number(text, int, "a whole number, 0 or more", 0)


def positive(text):
    return number(text, float, "a number above 0", 5e-324)


def weight(text):
    return number(text, float, "a number, 0 or more", 0)


def share(text):
    return number(text, float, "a share from 0 to 1", 0, 1)


def numbers(text, length):
    """Numbers with commas between them, as a tuple."""
    try:
        values = tuple(float(v) for v in text.split(","))
    except ValueError:
        values = ()
    if len(values) != length:
        refuse(text, f"{length} numbers with commas between them")
    return values


def pair(text):
    return numbers(text, 2)


def triple(text):
    return numbers(text, 3)
