"""The part of the kubelet that acts: runs one pod on an engine, by the rules of the room `kubelet`."""
