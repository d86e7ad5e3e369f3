"""From a picture as it came in to findings: checked, decoded once, then each feature at the same time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sensorium_core.call import Stage
from sensorium_core.concurrency import together
from sensorium_core.limits import BoundedExecutor, MemoryBudget
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ModelCatalog
from sensorium_vision.backbone import Backbone
from sensorium_vision.codes import CodeReader
from sensorium_vision.decoding import ImageHeader, ImageLimits, decode, read_header
from sensorium_vision.domain import (
    AnnotateOptions,
    Annotation,
    Code,
    Floats,
    ImageSource,
    Label,
    Picture,
    RawFrame,
    TextLine,
)
from sensorium_vision.text import TextReader

# Pixels of a raw frame that is made into a picture in less time than another thread takes to begin.
_LIGHT_PIXELS = 65_536


class VisionPipeline:
    """What the vision service can do with a picture."""

    def __init__(
        self,
        catalog: ModelCatalog,
        work: BoundedExecutor,
        budget: MemoryBudget,
        limits: ImageLimits,
        metrics: Metrics,
    ) -> None:
        self.catalog = catalog
        self.limits = limits
        self._work = work
        self._budget = budget
        self._metrics = metrics
        self._backbone = Backbone(catalog, work)
        self._text = TextReader(catalog, work)
        self._codes = CodeReader(catalog, work)

    async def annotate(self, source: ImageSource, options: AnnotateOptions) -> Annotation:
        """Computes the features that the options ask for.

        Raises:
            SensoriumError: the picture or an option is wrong, or a model does not answer.
        """
        self.check(options)
        async with self._picture(source) as picture:
            if options.read_text is None and options.read_codes is None:  # tasks would cost more than all else here
                labels, embedding = await self._run_backbone(picture, options)
                return Annotation(picture.size, labels, embedding, [], [])
            (labels, embedding), lines, codes = await together(
                self._run_backbone(picture, options),
                self._run_text(picture, options),
                self._run_codes(picture, options),
            )
        return Annotation(picture.size, labels, embedding, lines, codes)

    def check(self, options: AnnotateOptions) -> None:
        """Refuses options that name a model this service does not have.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
        """
        self._backbone.check(options.classify, options.embed)
        if options.read_text is not None:
            self._text.check(options.read_text)
        if options.read_codes is not None:
            self._codes.check(options.read_codes)

    @asynccontextmanager
    async def _picture(self, source: ImageSource) -> AsyncIterator[Picture]:
        if isinstance(source.content, RawFrame):
            header = self._work.run_here(Stage.DECODE, read_header, source, self.limits)
        else:
            header = await self._work.run(Stage.DECODE, read_header, source, self.limits)
        async with self._budget.hold(header.decoded_bytes):
            with self._metrics.decode.time():
                picture = await self._decode(source, header)
            yield picture

    async def _decode(self, source: ImageSource, header: ImageHeader) -> Picture:
        if header.encoded is None and header.width * header.height <= _LIGHT_PIXELS:
            return self._work.run_here(Stage.DECODE, decode, source, header)
        return await self._work.run(Stage.DECODE, decode, source, header)

    async def _run_backbone(self, picture: Picture, options: AnnotateOptions) -> tuple[list[Label], Floats | None]:
        if options.classify is None and options.embed is None:
            return [], None
        return await self._backbone.run(picture, options.classify, options.embed)

    async def _run_text(self, picture: Picture, options: AnnotateOptions) -> list[TextLine]:
        return await self._text.read(picture, options.read_text) if options.read_text is not None else []

    async def _run_codes(self, picture: Picture, options: AnnotateOptions) -> list[Code]:
        return await self._codes.read(picture, options.read_codes) if options.read_codes is not None else []
