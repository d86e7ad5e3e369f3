"""Tiny networks that hear, of random weights, in folders as people share them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

SPECIAL = (
    *("<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|zh|>", "<|jw|>"),
    *("<|translate|>", "<|transcribe|>", "<|nospeech|>", "<|notimestamps|>"),
)
PIECES = ("Ġt", "Ġth", "he")
LETTERS = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
SYMBOLS = ["<pad>", "<s>", "</s>", "<unk>", "|", *LETTERS, "'"]
WIDTH = 64
HUGGING: Any = transformers  # whose types nobody has written down


def noise(seconds: float, seed: int = 0) -> NDArray[np.int16]:
    """Sound that is never twice the same."""
    chance = np.random.default_rng(seed)
    return (chance.standard_normal(round(seconds * 16_000)) * 3000).clip(-32768, 32767).astype(np.int16)


def save_whisper(folder: Path, *, multilingual: bool = True, **changes: Any) -> Any:
    """A Whisper whose texts differ with sound and language, and do not repeat themselves."""
    tokenizer = _byte_level()
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    ids: dict[str, Any] = {name: tokenizer.token_to_id(name) for name in SPECIAL}
    end = ids["<|endoftext|>"]
    torch.manual_seed(3)
    settings: dict[str, Any] = {
        **dict.fromkeys(("encoder_layers", "decoder_layers"), 2),
        **dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads"), 4),
        **dict.fromkeys(("encoder_ffn_dim", "decoder_ffn_dim"), 96),
        **dict.fromkeys(("pad_token_id", "bos_token_id", "eos_token_id"), end),
        **dict.fromkeys(("suppress_tokens", "begin_suppress_tokens"), None),
    }
    settings |= {
        "vocab_size": tokenizer.get_vocab_size(),
        "d_model": WIDTH,
        "max_target_positions": 64,
        "init_std": 0.4,
    }
    config = HUGGING.WhisperConfig(decoder_start_token_id=ids["<|startoftranscript|>"], **(settings | changes))
    network = HUGGING.WhisperForConditionalGeneration(config).eval()
    with torch.no_grad():
        # Tokens of equal length, so that none is always the likeliest, and places that tell the steps apart.
        embedding = network.model.decoder.embed_tokens.weight
        embedding.copy_(torch.nn.functional.normalize(torch.randn(embedding.shape), dim=-1) * 2)
        network.model.decoder.embed_positions.weight.copy_(torch.randn(64, WIDTH) * 4)
    network.generation_config = HUGGING.GenerationConfig(
        decoder_start_token_id=ids["<|startoftranscript|>"],
        eos_token_id=end,
        pad_token_id=end,
        is_multilingual=multilingual,
        lang_to_id={name: ids[name] for name in ("<|en|>", "<|zh|>", "<|jw|>")},
        task_to_id={name: ids[f"<|{name}|>"] for name in ("transcribe", "translate")},
        no_timestamps_token_id=ids["<|notimestamps|>"],
        suppress_tokens=[1, 2, *(ids[name] for name in SPECIAL[1:])],
        begin_suppress_tokens=[tokenizer.token_to_id("Ġt"), end],
    )
    network.save_pretrained(folder)
    _save_features("Whisper", folder)
    return network


def save_ctc(folder: Path, kind: str = "Wav2Vec2", **changes: Any) -> Any:
    """A network of connectionist temporal classification that hears many symbols in noise."""
    torch.manual_seed(5)
    settings: dict[str, Any] = {
        "vocab_size": len(SYMBOLS),
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 48,
        "conv_dim": (16,) * 7,
        "num_conv_pos_embeddings": 16,
        "num_conv_pos_embedding_groups": 4,
        "pad_token_id": 0,
    }
    config = getattr(HUGGING, f"{kind}Config")(**(settings | changes))
    network = getattr(HUGGING, f"{kind}ForCTC")(config).eval()
    with torch.no_grad():
        network.lm_head.weight.mul_(40)
    network.save_pretrained(folder)
    (folder / "vocab.json").write_text(json.dumps({symbol: index for index, symbol in enumerate(SYMBOLS)}))
    _save_features("Wav2Vec2", folder)
    return network


def _save_features(kind: str, folder: Path) -> None:
    getattr(HUGGING, f"{kind}FeatureExtractor")().save_pretrained(folder)


def _byte_level() -> Tokenizer:
    vocabulary = {letter: index for index, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    vocabulary |= {piece: len(vocabulary) + index for index, piece in enumerate(PIECES)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[("Ġ", "t"), ("Ġt", "h"), ("h", "e")]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in SPECIAL])
    return tokenizer
