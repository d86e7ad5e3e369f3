"""The texts that `sensorium up` greets with and `sensorium demo` shows."""

from __future__ import annotations

__all__ = ["COMPONENTS", "FAULTS", "NEW_REPORTS", "OWN_CLASSES", "SHIFT_NOTE", "SHIFT_NOTE_CHINESE"]

SHIFT_NOTE = (
    "Night shift, 5 March 2024. Coolant pump P-101A tripped twice with alarm E-204; pressure fell from 4.5 bar to "
    "2.1 bar and the bearing ran at 92 °C. Maria Schmidt (maria.schmidt@plant.example, +49 30 901820) replaced the "
    "seal, S/N 4711-0815, part 6205-2RS. The floor was cleaned. Siemens in Munich was called about the drive. "
    "The pump runs again, but the vibration at 7.1 mm/s is too high. Order a spare bearing before the weekend."
)
SHIFT_NOTE_CHINESE = (
    "2024年3月5日夜班,张伟报告冷却泵P-101A两次跳闸,报警E-204,压力从4.5 bar降到2.1 bar,已联系慕尼黑的西门子公司。"
)

FAULTS = (
    "hydraulic hose at the boom cylinder leaks oil",
    "engine does not start, batteries are flat",
    "operator's seat is torn",
    "bucket tooth lost while digging",
)
"""Short sentences of operators."""

NEW_REPORTS = (
    "Oil is dripping from a burst hydraulic hose on the boom",
    "空调不制冷",  # the air conditioner does not cool
    "发动机无法启动",  # the engine does not start
    "Beim Graben ist ein Zahn der Schaufel abgebrochen",  # a tooth of the bucket broke off while digging
)
"""What somebody writes today, of which the log may have the like."""

OWN_CLASSES = {
    "Lubrication": ("lube fault", "grease line broken", "replace lube block", "greasing system not working"),
    "Cab and air conditioning": ("air cond not cooling", "cab door latch broken", "operators seat", "window cracked"),
    "Lights and electrics": ("r/h lights not working", "repair wiring", "replace battery", "alarm switch faulty"),
    "Cooling": ("coolant leak", "replace radiator cap", "low water level", "cooling fan belt"),
    "Tracks": ("track roller broken", "replace idler", "tighten tracks", "track pad bolts missing"),
    "Steps and walkways": ("repair access step", "handrail broken", "walkway cracked", "stairs will not come up"),
}
"""Classes that nobody has trained, four examples each."""

COMPONENTS = {
    "hydraulic hose": ("hose", "hoses", "hyd hose"),
    "cylinder": ("cyl", "cylinders"),
    "bucket tooth": ("tooth", "teeth", "bucket tooth", "bucket teeth"),
    "bucket": (),
    "boom": (),
    "engine": ("engines", "eng"),
    "pump": ("pumps",),
    "lube system": ("lube", "grease line", "grease lines", "auto lube"),
    "air conditioner": ("aircon", "air con", "air cond", "a/c", "air conditioning"),
    "track roller": ("track rollers", "roller", "rollers"),
    "idler": ("idlers",),
    "radiator": ("radiators",),
    "final drive": ("final drives",),
    "turbocharger": ("turbo", "turbos"),
    "starter motor": ("starter",),
    "light": ("lights", "lamp", "globe", "globes"),
    "seat": (),
    "filter": ("filters",),
    "o-ring": ("o ring", "o/ring", "oring"),
    "fan belt": ("belt", "belts", "fan belts"),
}
"""A plant's own list of what its machines consist of, with the ways that people write it."""
