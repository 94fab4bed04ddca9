"""The class codes, read from the product's own taxonomy so that the two can never differ."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent


def class_codes():
    """The 21 codes in the product's order (`CLASS_CODES` in src/shared/taxonomy.ts)."""
    source = (ROOT / "src/shared/taxonomy.ts").read_text(encoding="utf8")
    block = re.search(r"CLASS_CODES = \[(.*?)\] as const", source, re.S)
    if not block:
        raise RuntimeError("src/shared/taxonomy.ts no longer has CLASS_CODES = [...] as const")
    return re.findall(r"'([A-Z]{3})'", block.group(1))


CODES = class_codes()
