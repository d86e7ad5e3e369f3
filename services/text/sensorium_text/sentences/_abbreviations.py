"""Words written with a full stop that ends no sentence, lower case and without the last full stop."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A name, number or explanation follows, so that no sentence ends here whatever comes next.
LEADING = _words(
    """
    approx e.g eg i.e ie viz cf vs ca circa incl excl esp resp aka
    dr mr mrs ms prof ing dipl-ing sr jr st messrs capt lt sgt
    z.b zb d.h dh bzw u.a z.t ggf evtl inkl exkl
    env p.ex c-à-d mme mlle aprox p.ej ej sig dott ecc np tzn tzv např
    """
)

# A number or a single letter follows, as in `No. 12`, `Fig. 3`, `Rev. B`; before anything else a sentence may end.
NUMBERED = _words(
    """
    no nos nr num fig figs eq eqs sec sect ch chap vol pos p pp pg art par ref rev ver v tab abb abs kap pkt bl lfd
    pt pts item line stn ser s/n p/n w/o id bldg rm unit núm n.º rys
    """
)

# Cut short to save space; they may stand before any word, or end a sentence before one in upper case.
SHORTENED = _words(
    """
    etc inc ltd co corp llc gmbh bros dept div dist
    a.m p.m am pm jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun hr hrs min mins secs
    max avg nom temp press qty amt wt dia len ht vol in ft lb lbs oz gal yd sq cu deg
    assy cyl hyd pneu eng mtr brg elec elect mech maint insp adj lub repl rplc chk req reqd instr mfr mfg mfd equip
    conn conv comp cond cont ctrl hex horiz vert int ext spec std tech oper op opr sup supv ext tel mob usw etc
    """
)

# They begin sentences so often that a sentence ends before them even behind an initial or an acronym: `pump A. Then`.
STARTERS = _words(
    """
    the this that these those then there it its he she we they i you after before when while if as at in on no not new
    also however therefore because due during since once all both check checked replace replaced repaired found
    operator operators technician please our his her their a an
    """
)

# Here a number with a full stop is an ordinal, as in `am 5. März`, and ends no sentence.
ORDINAL_LANGUAGES = _words("cs da de et fi hr hu is lv nb nn no pl sk sl sr tr")
