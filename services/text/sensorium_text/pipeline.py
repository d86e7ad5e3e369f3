"""What is done with a text: the features, and any set of them on one text."""

from collections.abc import Sequence
from dataclasses import dataclass

from sensorium_core.call import Stage
from sensorium_core.concurrency import together
from sensorium_core.limits import BoundedExecutor
from sensorium_text import models
from sensorium_text.analysis import Analysis
from sensorium_text.classification import Classifier, LabelSetClassifier
from sensorium_text.domain import (
    AnnotateOptions,
    Annotation,
    Classification,
    DetectedLanguage,
    DetectLanguageOptions,
    Embedding,
    Entity,
    Redaction,
    SummarizeOptions,
    SummarySentence,
)
from sensorium_text.embedding import Embedder
from sensorium_text.entities import DictionaryNames, EntityExtractor, ModelNames, NameFinder, read_entities
from sensorium_text.explaining import Explainer
from sensorium_text.language import LanguageDetector
from sensorium_text.models import TextModels
from sensorium_text.ranking import Ranker
from sensorium_text.redaction import NamedKeys, Redactor
from sensorium_text.settings import TextSettings
from sensorium_text.summarizing import Summarizer


@dataclass(frozen=True)
class TextPipeline:
    """The features of the text service."""

    embedder: Embedder
    ranker: Ranker
    classifier: Classifier
    extractor: EntityExtractor
    redactor: Redactor
    summarizer: Summarizer
    explainer: Explainer
    detector: LanguageDetector
    models: TextModels
    work: BoundedExecutor

    def check(self, options: AnnotateOptions) -> None:
        """Refuses options that name what this service does not have.

        Raises:
            NotFoundError: MODEL_NOT_FOUND or KEY_NOT_FOUND.
        """
        if options.embed is not None:
            self.embedder.check(options.embed)
        if options.classify is not None:
            self.classifier.check(options.classify)
        if options.extract_entities is not None:
            self.extractor.check(options.extract_entities)
        if options.redact is not None:
            self.redactor.check(options.redact)
        if options.summarize is not None:
            self.summarizer.check(options.summarize)

    def analysis(self, text: str, language_code: str) -> Analysis:
        """The text as features look at it; the code may be empty."""
        return Analysis(text, language_code, self.detector, self.work)

    async def languages(self, text: str, options: DetectLanguageOptions) -> list[DetectedLanguage]:
        """The languages that a text may be written in, by falling confidence."""
        return await self.work.run(Stage.PREPROCESS, self.detector.detect, text, options.top_k)

    async def summarize(
        self, documents: Sequence[str], language_code: str, options: SummarizeOptions
    ) -> Sequence[SummarySentence]:
        """The sentences that say most of the documents; the code may be empty."""
        language = await self.analysis("\n".join(documents), language_code).language()
        return await self.summarizer.summarize(documents, language, options)

    async def annotate(self, text: str, language_code: str, options: AnnotateOptions) -> Annotation:
        """Computes the features that the options ask for, side by side.

        Raises:
            SensoriumError: an option is wrong, or a model does not answer.
        """
        self.check(options)
        analysis = self.analysis(text, language_code)
        embedding, classification, entities, redaction, summary, languages = await together(
            self._embed(analysis, options),
            self._classify(analysis, options),
            self._extract(analysis, options),
            self._redact(analysis, options),
            self._summarize(analysis, options),
            self._detect(analysis, options),
        )
        return Annotation(analysis.known_language, embedding, classification, entities, redaction, summary, languages)

    async def _embed(self, analysis: Analysis, options: AnnotateOptions) -> Embedding | None:
        return None if options.embed is None else await self.embedder.embed_analysed(analysis, options.embed)

    async def _classify(self, analysis: Analysis, options: AnnotateOptions) -> Classification | None:
        wanted = options.classify
        return None if wanted is None else await self.classifier.classify_analysed(analysis, wanted)

    async def _extract(self, analysis: Analysis, options: AnnotateOptions) -> Sequence[Entity]:
        wanted = options.extract_entities
        return () if wanted is None else await self.extractor.extract(analysis, wanted)

    async def _redact(self, analysis: Analysis, options: AnnotateOptions) -> Redaction | None:
        return None if options.redact is None else await self.redactor.redact(analysis, options.redact)

    async def _summarize(self, analysis: Analysis, options: AnnotateOptions) -> Sequence[SummarySentence]:
        if options.summarize is None:
            return ()
        language = await analysis.language()
        return await self.summarizer.summarize([analysis.text], language, options.summarize, field="text")

    async def _detect(self, analysis: Analysis, options: AnnotateOptions) -> Sequence[DetectedLanguage]:
        wanted = options.detect_language
        return () if wanted is None else await self.languages(analysis.text, wanted)


def make_pipeline(available: TextModels, settings: TextSettings, work: BoundedExecutor) -> TextPipeline:
    """The features put together.

    Raises:
        ConfigurationError: the file of entities or of keys cannot be used.
    """
    detector = LanguageDetector()
    embedder = Embedder(available)
    ranker = Ranker(embedder, detector, work)
    classifier = Classifier(available, LabelSetClassifier(embedder, detector, work))
    configured = None if settings.entities_file is None else read_entities(settings.entities_file)
    return TextPipeline(
        embedder=embedder,
        ranker=ranker,
        classifier=classifier,
        extractor=EntityExtractor(available, _name_finders(available, work), work, configured),
        redactor=Redactor(available, NamedKeys(settings.keys_file), work),
        summarizer=Summarizer(embedder, work),
        explainer=Explainer(classifier, ranker, detector, work),
        detector=detector,
        models=available,
        work=work,
    )


def _name_finders(available: TextModels, work: BoundedExecutor) -> dict[str, NameFinder]:
    """What finds names, by language."""
    return {"en": ModelNames(available.default(models.ENTITIES), work), "zh": DictionaryNames(work)}
