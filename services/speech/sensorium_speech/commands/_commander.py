"""Commands in utterances."""

from sensorium_core.call import Stage
from sensorium_core.limits import BoundedExecutor
from sensorium_core.triton import ModelCatalog
from sensorium_speech import models
from sensorium_speech.commands._compiler import Compiler
from sensorium_speech.commands._decoding import decode
from sensorium_speech.commands._model import Command, CommandOptions
from sensorium_speech.commands._noise import level, suppress
from sensorium_speech.commands._reading import read
from sensorium_speech.commands._second_opinion import SecondOpinion
from sensorium_speech.commands._vocabulary import Vocabulary
from sensorium_speech.domain import Piece
from sensorium_speech.phonetics import PhonemeListener, Pronouncer
from sensorium_speech.recognition import TextScorer


class Commander:
    """Recognises commands.

    Args:
        catalog: the models.
        listener: hears phonemes.
        pronouncer: says how words are pronounced.
        scorer: is asked where there is doubt.
        work: where noise is taken out and vocabularies are searched.
        most_states: that a vocabulary may have.
    """

    def __init__(
        self,
        catalog: ModelCatalog,
        listener: PhonemeListener,
        pronouncer: Pronouncer,
        scorer: TextScorer,
        *,
        work: BoundedExecutor,
        most_states: int,
    ) -> None:
        self._catalog = catalog
        self._listener = listener
        self._second_opinion = SecondOpinion(scorer)
        self._compiler = Compiler(listener, pronouncer, work, most_states)
        self._work = work

    def check(self, options: CommandOptions) -> None:
        """Refuses options that ask for a model that is not there.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
        """
        name = models.HAMA.name
        self._catalog.get(options.model, default=name, among=[name], field=f"{options.field}.model")

    async def prepare(self, options: CommandOptions) -> Vocabulary:
        """The vocabulary to recognise with.

        Raises:
            SensoriumError: as told of `CommandsConfig` in the contract.
        """
        return await self._compiler.compile(options.phrase_sets)

    async def hear(self, piece: Piece, vocabulary: Vocabulary, min_confidence: float) -> Command:
        """The command in an utterance.

        Args:
            piece: the utterance.
            vocabulary: that `prepare` has made.
            min_confidence: that a command needs.

        Raises:
            SensoriumError: a model does not answer.
        """
        quiet = await self._work.run(Stage.PREPROCESS, suppress, piece.samples)
        heard = await self._listener.hear(await self._work.run(Stage.PREPROCESS, level, quiet))
        found = await self._work.run(Stage.POSTPROCESS, decode, vocabulary, heard)
        if not found:
            return Command(piece.utterance, piece.tag)
        return read(vocabulary, await self._second_opinion.choose(vocabulary, found, quiet), piece, min_confidence)


class CommandHearer:
    """Hears the commands of one stream.

    Args:
        commander: recognises them.
        vocabulary: that it has made.
        min_confidence: that a command needs.
    """

    context = 0

    def __init__(self, commander: Commander, vocabulary: Vocabulary, min_confidence: float) -> None:
        self._commander = commander
        self._vocabulary = vocabulary
        self._min_confidence = min_confidence

    async def hear(self, piece: Piece, *, final: bool) -> Command:  # noqa: ARG002  # there are no interim commands
        """The command in an utterance.

        Raises:
            SensoriumError: a model does not answer.
        """
        return await self._commander.hear(piece, self._vocabulary, self._min_confidence)
