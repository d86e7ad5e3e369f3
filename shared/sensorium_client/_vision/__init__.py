"""The vision service's part of the SDK; its public names are those of `sensorium_client`."""
