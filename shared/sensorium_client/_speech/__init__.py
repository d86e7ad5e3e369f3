"""The speech service's part of the SDK; its public names are those of `sensorium_client`.

Times are `timedelta`s from the first sample of a recording, stream or session.
"""
