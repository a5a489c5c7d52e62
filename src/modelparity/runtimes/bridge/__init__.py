"""The bridge to Core ML: a dynamic library written in Swift, found or built here and called through cffi.

`sources` and `finding` know where things lie, `building` compiles, `doctor` says what is missing, `calling` loads the
library and says what its statuses mean, `library` makes its calls, `model` runs what it has opened, `child` is the
process in which calls happen, `answering` and `evaluator` take Core ML's place on Linux.
"""
