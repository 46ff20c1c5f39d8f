"""The designs that the samples show, in the form of `designs.Design`.

Simplified looks of five neighbouring states. Serials are invented.
"""
from .designs import Design


def _design(jurisdiction, text_colour, background, top, bottom, stickers, die, printed="embossed"):
    return Design(id=f"{jurisdiction}-sample", jurisdiction=jurisdiction, kind="passenger", weight=1, serials=(("AAA999", 1),),
                  skipped_letters="IOQ", stacked="none", text_colour=text_colour, background=background,
                  top=top, bottom=bottom, stickers=stickers, die=die, printed=printed)


SAMPLE_DESIGNS = {
    "US-IL": _design("US-IL", "#a11f2d", {"type": "gradient", "colours": ["#bcd6ea", "#fbfcfd", "#e6eef5"], "art": ""},
                     {"text": "Illinois", "style": "script", "colour": "#1c2f6b"},
                     {"text": "Land of Lincoln", "style": "sans", "colour": "#1c2f6b"}, "top-right", "rounded, 1 plain"),
    "US-WI": _design("US-WI", "#151515", {"type": "gradient", "colours": ["#dbe7f1", "#ffffff", "#fbfbfb"], "art": ""},
                     {"text": "WISCONSIN", "style": "sans", "colour": "#c8202f"},
                     {"text": "America's Dairyland", "style": "sans", "colour": "#c8202f"}, "bottom corners", "serif-less 1"),
    "US-IN": _design("US-IN", "#1b2f5e", {"type": "gradient", "colours": ["#cfe3f2", "#ffffff", "#e9efdf"], "art": ""},
                     {"text": "INDIANA", "style": "serif", "colour": "#1b2f5e"},
                     {"text": "", "style": "serif", "colour": "#1b2f5e"}, "top-right", "flat digital sans", "flat"),
    "US-IA": _design("US-IA", "#1b2b57", {"type": "gradient", "colours": ["#9fc7e6", "#ffffff", "#ffffff"], "art": ""},
                     {"text": "IOWA", "style": "serif", "colour": "#1b2b57"},
                     {"text": "ASHFORD", "style": "sans", "colour": "#1b2b57"}, "bottom-left and bottom-right", "narrow"),
    "US-MO": _design("US-MO", "#1b2a5c", {"type": "gradient", "colours": ["#cfe3f2", "#ffffff", "#dfe9d6"], "art": ""},
                     {"text": "Missouri", "style": "serif", "colour": "#1b2a5c"},
                     {"text": "Show-Me State", "style": "sans", "colour": "#1b2a5c"}, "top-right", "flat digital", "flat"),
}
