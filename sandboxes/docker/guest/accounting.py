"""What the sandbox has used, by its control group. Runs INSIDE."""

from __future__ import annotations

import resource


def first_number(path: str, key: str | None) -> int | None:
    """The number behind ``key`` in a file of the control group, None when there is none."""
    try:
        with open(path) as stream:
            for line in stream:
                words = line.split()
                if key is None and words and words[0].isdigit():
                    return int(words[0])
                if len(words) > 1 and words[0] == key and words[1].isdigit():
                    return int(words[1])
    except OSError:
        pass
    return None


def control_group(*choices: tuple[str, str | None, float]) -> float | None:
    """The first number found among (file below /sys/fs/cgroup, key), scaled by its factor."""
    for name, key, factor in choices:
        number = first_number("/sys/fs/cgroup/" + name, key)
        if number is not None:
            return number * factor
    return None


def processor_seconds() -> float:
    """Processor time of everything inside; of the ended processes alone without control group."""
    used = control_group(("cpu.stat", "usage_usec", 1e-6), ("cpuacct/cpuacct.usage", None, 1e-9))
    if used is None:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = usage.ru_utime + usage.ru_stime
    return used


def memory_kills() -> int:
    """Processes inside that the kernel killed for want of memory."""
    kills = control_group(("memory.events", "oom_kill", 1), ("memory/memory.oom_control", "oom_kill", 1))
    return int(kills or 0)


def peak_memory() -> int | None:
    """Highest memory use in bytes, files in memory included; None where it is not counted."""
    peak = control_group(("memory.peak", None, 1), ("memory/memory.max_usage_in_bytes", None, 1))
    return None if peak is None else int(peak)
