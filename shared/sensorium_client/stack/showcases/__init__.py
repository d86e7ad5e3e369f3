"""What each service shows of itself: `sensorium up` greets with it, `sensorium demo` writes it into a folder."""

from sensorium_client.stack.showcases._showcase import Answer, Showcase, Step, answered, models_step
from sensorium_client.stack.showcases._table import showcase

__all__ = ["Answer", "Showcase", "Step", "answered", "models_step", "showcase"]
