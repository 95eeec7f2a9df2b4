"""The sandboxed side: where student code runs, and the border that it is spoken to across."""
