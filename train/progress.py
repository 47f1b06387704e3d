"""Progress of a long loop on standard error."""

import sys
import time


class Progress:
    """A bar where standard error is a terminal; elsewhere, such as in a log, a line every `every` seconds.

    A loop that ends sooner prints nothing there.
    """

    def __init__(self, total, label="", every=60.0, stream=None):
        self.total, self.label, self.every = total, label, every
        self.stream = stream or sys.stderr
        self.bar = self.stream.isatty()
        self.start = self.last = time.time()

    def due(self, done):
        """Whether update would show something now: whoever pays to know the text asks first."""
        wait = 0.2 if self.bar else self.every
        return time.time() - self.last >= wait or (self.bar and done == self.total)

    def update(self, done, text=""):
        """done of total are done."""
        if not self.due(done):
            return
        now = self.last = time.time()
        left = (now - self.start) / done * (self.total - done)
        if not self.bar:
            print(f"{self.label} {done}/{self.total}, {left:.0f} s left  {text}".strip(), file=self.stream, flush=True)
            return
        self.stream.write(f"\r{self.label} [{'#' * (30 * done // self.total):<30}] {done}/{self.total} {left:4.0f} s left  {text} ")
        if done == self.total:
            self.stream.write("\r\033[K")
        self.stream.flush()
