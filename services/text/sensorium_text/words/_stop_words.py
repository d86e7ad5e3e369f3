"""Words that hold a sentence together and say nothing of what it is about.

Shorter than the usual lists: `no`, `not`, `off`, `out`, `up`, `down`, `over`, `under` say something in a plant.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENGLISH = _words(
    """
    a an the and or but nor so than that this these those there then here such some any each both
    of to in on at by for with from as into onto about between during per via
    i me my we us our you your he him his she her it its they them their who whom whose which what when where why how
    am is are was were be been being do does did doing have has had having
    will would shall should can could may might must if because while until also just very too
    """
)

CHINESE = _words(
    """
    的 了 着 在 是 和 与 及 或 也 就 都 而 把 被 对 于 等 将 从 为 以 并 其 这 那 有 我 你 他 她 它 们 个 之 所 由
    向 给 让 使 但 又 很 还 请 吗 呢 吧 啊 我们 你们 他们 这个 那个 这些 那些 一个 以及 并且 而且 但是 因为 所以
    由于 如果 对于 关于 进行 什么 怎么 如何 哪些 是否
    """
)
