"""ExtractEntities: rules for what a plant writes, models for names, and what callers and the configuration define."""

from collections.abc import Iterator, Mapping

from sensorium_core.call import Stage
from sensorium_core.concurrency import together
from sensorium_core.errors import InvalidInputError
from sensorium_core.limits import BoundedExecutor
from sensorium_text.analysis import Analysis
from sensorium_text.domain import Entity, EntityType, ExtractEntitiesOptions, Gazetteer
from sensorium_text.entities._configuration import ConfiguredEntities
from sensorium_text.entities._folding import Folded
from sensorium_text.entities._gazetteers import MOST_CHARACTERS, CompiledGazetteer, RecentlyUsed, characters
from sensorium_text.entities._names import NAME_TYPES, ModelNames, NameFinder
from sensorium_text.entities._patterns import CustomBudget, find_patterns
from sensorium_text.entities._resolving import in_order, resolve
from sensorium_text.entities._rules import find_by_rule
from sensorium_text.models import TextModels
from sensorium_text.sequences import SequenceModel

# Characters of the names in compiled gazetteers that are kept for callers who send them again; 15 bytes each.
_MOST_KEPT_CHARACTERS = 2 * MOST_CHARACTERS


class EntityExtractor:
    """Finds entities in texts.

    Args:
        models: those that a request may name instead of what its language suggests.
        names: what finds persons, places and organisations, by language (the primary subtag of BCP 47); texts in other
            languages have none.
        work: where everything that takes processor time runs.
        configured: patterns and gazetteers to look for in every text; compiled when first needed.
    """

    def __init__(
        self,
        models: TextModels,
        names: Mapping[str, NameFinder],
        work: BoundedExecutor,
        configured: ConfiguredEntities | None = None,
    ) -> None:
        self._models = models
        self._names = names
        self._work = work
        self._configured = configured or ConfiguredEntities()
        self._configured_gazetteers: list[CompiledGazetteer] | None = None
        self._compiled: RecentlyUsed[Gazetteer, CompiledGazetteer] = RecentlyUsed(_MOST_KEPT_CHARACTERS)

    def check(self, options: ExtractEntitiesOptions) -> None:
        """Refuses gazetteers that are too large together, and a model that this service does not have.

        Raises:
            InvalidInputError: GAZETTEERS_TOO_LARGE.
            NotFoundError: MODEL_NOT_FOUND.
        """
        if options.model:
            self._model(options)
        size = sum(map(characters, options.gazetteers))
        if size > MOST_CHARACTERS:
            problem = (
                f"the names have {size} characters together, more than {MOST_CHARACTERS}; longer lists belong into the "
                "service's configuration"
            )
            raise InvalidInputError.field(f"{options.field}.gazetteers", problem, reason="GAZETTEERS_TOO_LARGE")

    async def extract(self, analysis: Analysis, options: ExtractEntitiesOptions) -> list[Entity]:
        """Entities in the order of the text; they do not overlap, but for those of type CUSTOM.

        Raises:
            InvalidInputError: TOO_MANY_MATCHES, PATTERNS_TOO_SLOW.
            NotFoundError: MODEL_NOT_FOUND.
        """
        self.check(options)
        wanted = options.types or frozenset(EntityType)
        by_rule, names, custom = await together(
            self._by_rule(analysis.text, wanted),
            self._named(analysis, options, wanted),
            self._custom(analysis.text, options, wanted),
        )
        found = await self._work.run(Stage.POSTPROCESS, resolve, [*by_rule, *names])
        fitting = (
            each for each in (*found, *custom) if each.type in wanted and each.confidence >= options.min_confidence
        )
        return in_order(fitting)

    async def _by_rule(self, text: str, wanted: frozenset[EntityType]) -> list[Entity]:
        if wanted == {EntityType.CUSTOM}:
            return []
        return await self._work.run(Stage.PREPROCESS, find_by_rule, text)

    async def _named(
        self, analysis: Analysis, options: ExtractEntitiesOptions, wanted: frozenset[EntityType]
    ) -> list[Entity]:
        if not wanted & NAME_TYPES:
            return []
        language = await analysis.language()
        finder = ModelNames(self._model(options), self._work) if options.model else self._names.get(language)
        return [] if finder is None else await finder.find(analysis)

    def _model(self, options: ExtractEntitiesOptions) -> SequenceModel:
        return self._models.get(options.model, default="", capability="entities", field=f"{options.field}.model")

    async def _custom(self, text: str, options: ExtractEntitiesOptions, wanted: frozenset[EntityType]) -> list[Entity]:
        asked = options.patterns or options.gazetteers or self._configured.patterns or self._configured.gazetteers
        if EntityType.CUSTOM not in wanted or not asked:
            return []
        return await self._work.run(Stage.PREPROCESS, self._find_custom, text, options)

    def _find_custom(self, text: str, options: ExtractEntitiesOptions) -> list[Entity]:
        return list(self._custom_entities(text, options))

    def _custom_entities(self, text: str, options: ExtractEntitiesOptions) -> Iterator[Entity]:
        gazetteers = [(gazetteer, options.field) for gazetteer in self._always()]
        for place, gazetteer in enumerate(options.gazetteers):
            gazetteers.append((self._compile(gazetteer), f"{options.field}.gazetteers[{place}]"))
        budget = CustomBudget()
        for pattern in self._configured.patterns:
            yield from find_patterns(text, pattern, budget, options.field)
        for place, pattern in enumerate(options.patterns):
            yield from find_patterns(text, pattern, budget, f"{options.field}.patterns[{place}]")
        folded: dict[bool, Folded] = {}
        for compiled, field in gazetteers:
            sensitive = compiled.case_sensitive
            if sensitive not in folded:
                folded[sensitive] = Folded(text, fold_case=not sensitive)
            yield from compiled.find(folded[sensitive], budget, field)

    def _always(self) -> list[CompiledGazetteer]:
        if self._configured_gazetteers is None:  # two threads may both compile the first time; either result serves
            self._configured_gazetteers = [CompiledGazetteer(each) for each in self._configured.gazetteers]
        return self._configured_gazetteers

    def _compile(self, gazetteer: Gazetteer) -> CompiledGazetteer:
        """The gazetteer compiled, or as it was compiled for an earlier text."""
        compiled = self._compiled.get(gazetteer)
        if compiled is None:
            compiled = CompiledGazetteer(gazetteer)
            self._compiled.put(gazetteer, compiled, characters(gazetteer))
        return compiled
