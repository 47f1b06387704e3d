"""Where bfloat16 is worth asking for."""

import torch


def computes_bfloat16(device):
    """Whether this device has instructions for bfloat16; True where PyTorch cannot tell.

    A processor without them emulates each one. That makes a step of ShuffleNet V2 0.5x five times slower than
    in float32 (84.7 against 16.1 s for 60 steps of 128 pictures on one core with AVX2 alone, PyTorch 2.14).
    """
    if torch.device(device).type != "cpu" or not hasattr(torch.cpu, "get_capabilities"):
        return True
    found = torch.cpu.get_capabilities()
    return found.get("architecture") != "x86_64" or any(found.get(name) for name in ("avx512_bf16", "amx_bf16", "avx10_1", "avx10_2"))


def checked(settings):
    """settings, with bf16 off where the device would emulate it; says so."""
    if settings.bf16 and not computes_bfloat16(settings.device):
        print("this processor has no instructions for bfloat16, and would be slower with them emulated: computing in float32", flush=True)
        settings.bf16 = False
    return settings
