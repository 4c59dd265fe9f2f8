"""The kubelet with hands: runs one pod on an engine, by the rules of the room `kubelet`."""
