"""What people type, and the postcode that it asks for: the same table for the server's reading and the browser's."""

from __future__ import annotations

VECTORS: dict[str, tuple[str, bool] | None] = {
    # plainly typed, and whether that took a correction
    "CB1 1JG": ("CB1 1JG", False),
    "cb11jg": ("CB1 1JG", False),
    "  cb1   1jg ": ("CB1 1JG", False),
    "CB1-1JG": ("CB1 1JG", False),
    "cb1.1jg": ("CB1 1JG", False),
    "(CB1 1JG)": ("CB1 1JG", False),
    "\u200bCB1\u00a01JG\ufeff": ("CB1 1JG", False),
    "ＣＢ１ １ＪＧ": ("CB1 1JG", False),
    "M1 1AA": ("M1 1AA", False),
    "M60 1NW": ("M60 1NW", False),
    "EC1A 1BB": ("EC1A 1BB", False),
    "W1A 0AX": ("W1A 0AX", False),
    "PE29 3DQ": ("PE29 3DQ", False),
    "GIR 0AA": ("GIR 0AA", False),
    # slips
    "CBI 1JG": ("CB1 1JG", True),
    "cb1 ljg": ("CB1 1JG", True),
    "CB1 OJG": ("CB1 0JG", True),
    "S01 1AA": ("SO1 1AA", True),
    "0X1 1AA": ("OX1 1AA", True),
    "CB1 1J1": ("CB1 1JL", True),
    "PE2O 1AA": ("PE20 1AA", True),
    # at either end of an address
    "12 Mill Road, Cambridge CB1 2AD": ("CB1 2AD", False),
    "12 Mill Road,CB1 2AD": ("CB1 2AD", False),
    "CB1 2AD, Mill Road": ("CB1 2AD", False),
    "CB1 2AD Mill Road": ("CB1 2AD", False),
    # areas and letters that there are not
    "QQ1 1AA": ("QQ1 1AA", False),
    "CB1 1CC": ("CB1 1CC", False),
    # not postcodes
    "": None,
    "   ": None,
    "CB1": None,
    "CB1 1": None,
    "CB1 1J": None,
    "Cambridge": None,
    "12 Mill Road, Cambridge": None,
    "999": None,
    "52.2, 0.1": None,
    "52 0": None,
    "545000 258000": None,
    "TL 456 580": None,
    "TL4558": None,
    "90210": None,
    "K1A 0B1": None,
    "D02 AF30": None,
    "1234 AB": None,
    "12-345": None,
    "GX11 1AA": None,
    "BFPO 123": None,
    "CB1 1JG\u0000": None,
    "CBI IJG": None,  # without a digit it is a name first of all
    "Łódź": None,
    "كامبريدج": None,
}
