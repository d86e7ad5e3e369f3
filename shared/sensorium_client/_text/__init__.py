"""The text service's part of the SDK; its public names are those of `sensorium_client`.

Texts are Python strings, whose indices count code points, so every request asks for offsets in code points: for each
span `text[span.begin : span.end] == span.text`.
"""
