"""Make the hostile pickles in this folder: ``python tests/hostile/make.py``.

Each tries to do something when it is unpickled. What it would execute creates the file named CANARY in the
working directory (or would exhaust memory, the stack or patience); the tests see to it that nothing of it happens.
"""

from __future__ import annotations

import struct
from pathlib import Path

HERE = Path(__file__).parent
CANARY = "hostile-canary"
TOUCH = f"touch {CANARY}"
OPEN = f"open({CANARY!r}, 'w').close()"


def s(text: str) -> bytes:
    """A Python 2 string."""
    raw = text.encode("latin-1")
    return b"T" + struct.pack("<i", len(raw)) + raw


def u(text: str) -> bytes:
    """A Python 3 string."""
    raw = text.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def g(module: str, name: str) -> bytes:
    """GLOBAL."""
    return f"c{module}\n{name}\n".encode()


def call(module: str, name: str, *args: bytes) -> bytes:
    """A call as a pickle makes it."""
    return g(module, name) + b"(" + b"".join(args) + b"tR"


NONE = b"J\xff\xff\xff\xff"
P2, P4 = b"\x80\x02", b"\x80\x04"
NET = g("madmom.ml.nn", "NeuralNetwork")
LAYER = g("madmom.ml.nn.layers", "FeedForwardLayer")
RECON = ("numpy.core.multiarray", "_reconstruct")
NDARRAY = g("numpy", "ndarray")
SHELL = call(*RECON, NDARRAY, b"K\x00\x85", s("b"))
F4 = call("numpy", "dtype", s("f4"), b"K\x00", b"K\x01") + b"(K\x03" + s("<") + b"NNN" + 2 * NONE + b"K\x00tb"
HALF = call("numpy", "dtype", s("f4"), b"K\x00", b"K\x01")  # an element type that waits for its state
TRY = g("os", "system") + s(TOUCH) + b"\x85R"


def state(shape: bytes, dtype: bytes = F4, data: bytes = b"", columns: bytes = b"\x89") -> bytes:
    """An array with that state."""
    return SHELL + b"(K\x01" + shape + dtype + columns + (data or s("\0" * 4)) + b"tb"


def network(body: bytes) -> bytes:
    """A network whose only layer's weights are ``body``: a payload where a reader would look for an array."""
    layer = LAYER + b")\x81}(" + s("weights") + body + s("bias") + b"N" + s("activation_fn")
    layer += g("madmom.ml.nn.activations", "tanh") + b"ub"
    return P2 + NET + b")\x81}" + s("layers") + b"]" + layer + b"asb."


def dims(*sizes: int) -> bytes:
    return b"(" + b"".join(b"\x8a\x08" + struct.pack("<q", n) for n in sizes) + b"t"


HOSTILE: dict[str, bytes] = {
    # functions of the operating system and of Python itself
    "os_system": P2 + call("os", "system", s(TOUCH)) + b".",
    "posix_system": P2 + call("posix", "system", s(TOUCH)) + b".",
    "nt_system": P2 + call("nt", "system", s(TOUCH)) + b".",
    "subprocess_popen": P2 + call("subprocess", "Popen", b"(" + s("touch") + s(CANARY) + b"l") + b".",
    "subprocess_check_output": P2
    + call("subprocess", "check_output", b"(" + s("touch") + s(CANARY) + b"l")
    + b".",
    "builtins_eval": P2 + call("builtins", "eval", s(OPEN)) + b".",
    "builtins_exec": P2 + call("builtins", "exec", s(OPEN)) + b".",
    "builtin2_eval": P2 + call("__builtin__", "eval", s(OPEN)) + b".",
    "builtin2_execfile": P2 + call("__builtin__", "execfile", s("/etc/passwd")) + b".",
    "builtins_open": P2 + call("builtins", "open", s(CANARY), s("w")) + b".",
    "builtins_getattr": P2 + call("builtins", "getattr", g("builtins", "object"), s("__subclasses__")) + b".",
    "builtins_import": P2 + call("builtins", "__import__", s("antigravity")) + b".",
    "runpy": P2 + call("runpy", "run_path", s("x.py")) + b".",
    "pickle_loads": P2 + call("pickle", "loads", s("cos\nsystem\n(S'" + TOUCH + "'\ntR.")) + b".",
    "codecs_open": P2 + call("_codecs", "lookup", s("x")) + b".",
    "types_function": P2 + call("types", "FunctionType", b"N") + b".",
    "operator_attrgetter": P2 + call("operator", "attrgetter", s("system")) + b".",
    "functools_partial": P2 + call("functools", "partial", g("os", "system")) + b".",
    "protocol0": b"cos\nsystem\n(S'" + TOUCH.encode() + b"'\ntR.",
    "stack_global": P4 + u("os") + u("system") + b"\x93" + u(TOUCH) + b"\x85R.",
    "stack_global_memo": P4
    + u("os")
    + b"\x940"
    + u("system")
    + b"\x940h\x00h\x01\x93"
    + u(TOUCH)
    + b"\x85R.",
    "stack_global_dotted": P4
    + u("madmom.ml.nn.layers")
    + u("np.f2py.os.system")
    + b"\x93"
    + u(TOUCH)
    + b"\x85R.",
    "stack_global_no_text": P4 + b"K\x01K\x02\x93.",
    "global_after_stop_in_frame": P4 + b"\x95" + struct.pack("<Q", 1) + b"N." + TRY + b".",
    "inside_a_network": network(TRY),
    "inside_dead_branch": P2 + TRY + b"0" + NET + b")\x81.",
    # other ways to reach code than GLOBAL and REDUCE
    "inst": b"(S'" + TOUCH.encode() + b"'\nios\nsystem\n.",
    "inst_allowed_class": b"(imadmom.ml.nn\nNeuralNetwork\n.",
    "obj": P2 + b"(" + g("os", "system") + s(TOUCH) + b"o.",
    "obj_allowed_class": P2 + b"(" + NET + b"o.",
    "newobj_os": P2 + g("subprocess", "Popen") + s(TOUCH) + b"\x85\x81.",
    "newobj_ndarray": P2 + NDARRAY + dims(1 << 40) + b"\x85\x81.",
    "newobj_args": P2 + NET + s("x") + b"\x85\x81.",
    "newobj_ex": P4 + NET + b")}\x92.",
    "ext1": P2 + b"\x82\x01)R.",
    "ext2": P2 + b"\x83\x01\x01)R.",
    "ext4": P2 + b"\x84\x01\x00\x00\x00)R.",
    "persid": b"P" + TOUCH.encode() + b"\n.",
    "binpersid": P2 + s(TOUCH) + b"Q.",
    "next_buffer": b"\x80\x05\x97.",
    "readonly_buffer": b"\x80\x05\x97\x98.",
    # allowed names, misused
    "reduce_class": P2 + NET + s("x") + b"\x85R.",
    "reduce_activation": P2 + call("madmom.ml.nn.activations", "tanh", b"K\x01") + b".",
    "reduce_ndarray": P2 + NDARRAY + dims(1 << 40) + b"\x85R.",
    "reduce_object": P2 + call("__builtin__", "object") + b".",
    "reduce_of_a_number": P2 + b"K\x01)R.",
    "reduce_args_no_tuple": P2 + g(*RECON) + b"]R.",
    "reconstruct_other_base": P2 + call(*RECON, g("__builtin__", "object"), b"K\x00\x85", s("b")) + b".",
    "reconstruct_large": P2 + call(*RECON, NDARRAY, dims(1 << 40), s("b")) + b".",
    "reconstruct_objects": P2 + call(*RECON, NDARRAY, b"K\x01\x85", s("O")) + b".",
    "reconstructor_int": P2 + call("copy_reg", "_reconstructor", NET, g("numpy", "ndarray"), b"N") + b".",
    "reconstructor_state": P2
    + call("copy_reg", "_reconstructor", NET, g("__builtin__", "object"), s("x"))
    + b".",
    "reconstructor_object": P2
    + call("copyreg", "_reconstructor", *(2 * [g("builtins", "object")]), b"N")
    + b".",
    "reconstructor_function": P2
    + call("copy_reg", "_reconstructor", g(*RECON), g("__builtin__", "object"), b"N")
    + b".",
    "encode_zip": P2 + call("_codecs", "encode", u("x"), u("zlib")) + b".",
    "encode_rot13": P2 + call("_codecs", "encode", u("x"), u("rot13")) + b".",
    "encode_no_text": P2 + call("_codecs", "encode", b"K\x01", u("latin1")) + b".",
    "encode_errors": P2 + call("_codecs", "encode", u("\u20ac"), u("latin1"), u("strict")) + b".",
    "encode_not_latin": P2 + call("_codecs", "encode", u("\u20ac"), u("latin1")) + b".",
    # numpy's own state
    "dtype_object": P2 + call("numpy", "dtype", s("O8"), b"K\x00", b"K\x01") + b".",
    "dtype_structured": P2 + call("numpy", "dtype", s("V8"), b"K\x00", b"K\x01") + b".",
    "dtype_list": P2 + call("numpy", "dtype", b"(" + s("f4") + s("O") + b"t") + b".",
    "dtype_global": P2 + call("numpy", "dtype", g("__builtin__", "object")) + b".",
    "dtype_text_expression": P2 + call("numpy", "dtype", s("f4,O"), b"K\x00", b"K\x01") + b".",
    "dtype_state_fields": P2 + HALF + b"(K\x03" + s("|") + b"N(" + s("a") + b"t}K\x08K\x01K\x1btb.",
    "dtype_state_flags": P2 + HALF + b"(K\x03" + s("<") + b"NNN" + 2 * NONE + b"K\x3ftb.",
    "dtype_state_itemsize": P2 + HALF + b"(K\x03" + s("<") + b"NNNJ\x00\x00\x00\x7fK\x01K\x00tb.",
    "dtype_state_twice": P2 + F4[:-1] + b"b(K\x03" + s(">") + b"NNN" + 2 * NONE + b"K\x00tb.",
    "array_of_objects": network(
        SHELL + b"(K\x01K\x01\x85" + F4 + b"\x89]" + NDARRAY + s(TOUCH) + b"\x85Ratb"
    ),
    "array_list_of_values": network(SHELL + b"(K\x01K\x01\x85" + F4 + b"\x89]K\x01atb"),
    "array_huge": network(state(dims(1 << 31, 1 << 31))),
    "array_overflow": network(state(dims(1 << 31, 1 << 31, 1 << 31))),
    "array_negative": network(state(dims(-1, -4), data=s("\0" * 16))),
    "array_short": network(state(dims(2), data=s("\0" * 4))),
    "array_long": network(state(dims(1), data=s("\0" * 8))),
    "array_state_twice": network(
        state(b"K\x01\x85") + b"(K\x01K\x01\x85" + F4 + b"\x89" + s("\0" * 4) + b"tb"
    ),
    "array_state_dict": network(SHELL + b"}" + s("shape") + b"K\x01sb"),
    "array_without_state": network(SHELL),
    "array_dtype_missing": network(SHELL + b"(K\x01K\x01\x85N\x89" + s("\0" * 4) + b"tb"),
    "array_rank": network(state(dims(*[1] * 64))),
    "array_text_beyond_latin": network(state(b"K\x01\x85", data=u("\u20ac\0\0\0"))),
    "scalar_object": P2 + call("numpy.core.multiarray", "scalar", g("__builtin__", "object"), s("x")) + b".",
    "scalar_object_dtype": P2
    + g("numpy.core.multiarray", "scalar")
    + b"("
    + call("numpy", "dtype", s("O8"), b"K\x00", b"K\x01")
    + s("cos\nsystem\n.")
    + b"tR.",
    "scalar_size": P2 + call("numpy.core.multiarray", "scalar", F4, s("x")) + b".",
    "scalar_alone": P2 + call("numpy._core.multiarray", "scalar", F4) + b".",
    # states that would set what is no attribute of a layer
    "build_on_class": P2 + NET + b"}" + s("process") + TRY.replace(b"cos\nsystem", b"cnumpy\ndtype") + b"sb.",
    "build_slots": P2 + NET + b")\x81N}" + s("__class__") + NDARRAY + b"s\x86b.",
    "build_setstate": P2 + NET + b")\x81}" + s("__setstate__") + g("os", "system") + b"sb" + s(TOUCH) + b"b.",
    "build_twice": P2 + NET + b")\x81}b}b.",
    "build_class_attribute": P2 + NET + b")\x81}" + s("__class__") + NDARRAY + b"sb.",
    "build_list": P2 + NET + b")\x81]b.",
    "build_on_list": P2 + b"]}b.",
    "layers_is_itself": P2 + NET + b")\x81q\x00}" + s("layers") + b"]h\x00asb.",
    "layers_is_a_class": P2 + NET + b")\x81}" + s("layers") + LAYER + b"sb.",
    # exhausting memory, stack or patience
    "deep_tuples": P2 + b")" + b"\x85" * 30_000 + b".",
    "deep_lists": P2 + b"]" * 30_000 + b"a" * 29_999 + b".",
    "deep_dict_key": P2 + b"}" + b")" + b"\x85" * 30_000 + b"Ns.",
    "deep_marks": P2 + b"(" * 30_000 + b".",
    "deep_in_error": network(b")" + b"\x85" * 30_000),
    "laughs": P2 + s("ha") + b"q\x00" + b"".join(b"(" + b"h\x00" * 10 + b"tq\x00" for _ in range(40)) + b".",
    "laughs_as_layers": P2 + NET + b")\x81}" + s("layers") + b"]q\x00" + b"(" + b"h\x00" * 1000 + b"esb.",
    "laughs_in_arrays": P2
    + s("\0" * 40_000)
    + b"q\x00"
    + b"]("
    + (SHELL + b"(K\x01M\x10\x27\x85" + F4 + b"\x89h\x00tb") * 200
    + b"e.",
    "memo_large": P2 + b"Nr\xff\xff\xff\xffj\xff\xff\xff\xff.",
    "memo_negative": b"Np-1\ng-1\n.",
    "memo_text": b"Npx\ngx\n.",
    "memo_missing": P2 + b"h\x07.",
    "memo_digits": b"Np" + b"9" * 9_000 + b"\n.",
    "int_digits": b"I" + b"9" * 9_000 + b"\n.",
    "long_digits": b"L" + b"9" * 9_000 + b"L\n.",
    "long4_large": P2 + b"\x8b" + struct.pack("<i", 9_000) + b"\xff" * 9_000 + b".",
    "long4_negative": P2 + b"\x8b\xff\xff\xff\xff.",
    "string_length": P2 + b"T\xff\xff\xff\x7f.",
    "string_negative": P2 + b"T\xff\xff\xff\xff.",
    "bytes8_length": P4 + b"\x8e" + b"\xff" * 8 + b".",
    "bytearray": b"\x80\x05\x96" + struct.pack("<Q", 2) + b"ab.",
    "string_unquoted": b"Sabc\n.",
    "string_bad_escape": b"S'\\x4'\n.",
    "unicode_bad": P2 + b"X\x02\x00\x00\x00\xff\xff.",
    "unicode_old_bad": b"V\\u12\n.",
    "float_text": b"Fnonsense\n.",
    "frame_large": P4 + b"\x95" + b"\xff" * 8 + b"N.",
    "protocol_9": b"\x80\x09N.",
    "sets": P4 + b"\x8f(K\x01\x90.",
    "pop_nothing": P2 + b"0.",
    "stop_on_nothing": P2 + b".",
    "two_objects": P2 + b"NN.",
    "append_to_nothing": P2 + b"Na.",
    "setitems_odd": P2 + b"}(K\x01u.",
    "tuple_of_nothing": P2 + b"\x87.",
    "no_mark": P2 + b"t.",
    "trailing": network(state(b"K\x01\x85")) + b"cos\nsystem\n(S'x'\ntR.",
    "no_stop": P2 + b"N",
    "empty": b"",
    "unknown_opcode": P2 + b"\xff.",
    "only_protocol": b"\x80",
    "no_network": P2 + b"]K\x01a.",
    "a_dict": P2 + b"}" + s("layers") + b"]s.",
    "other_class_of_madmom": P2 + g("madmom.processors", "SequentialProcessor") + b")\x81.",
    "module_trick": P2 + g("madmom.ml.nn.layers.os", "system") + s(TOUCH) + b"\x85R.",
    "name_trick": P2 + g("madmom.ml.nn.layers", "np.os.system") + s(TOUCH) + b"\x85R.",
    "name_long": P2 + g("m" * 9_000, "n" * 9_000) + b".",
}

#: Pickles that ask for code: refused as unsafe, with the name of what they ask for.
NAMED: dict[str, str] = {
    "os_system": "os.system",
    "posix_system": "posix.system",
    "nt_system": "nt.system",
    "subprocess_popen": "subprocess.Popen",
    "subprocess_check_output": "subprocess.check_output",
    "builtins_eval": "builtins.eval",
    "builtins_exec": "builtins.exec",
    "builtin2_eval": "__builtin__.eval",
    "builtins_open": "builtins.open",
    "builtins_getattr": "builtins.getattr",
    "builtins_import": "builtins.__import__",
    "pickle_loads": "pickle.loads",
    "codecs_open": "_codecs.lookup",
    "protocol0": "os.system",
    "stack_global": "os.system",
    "stack_global_memo": "os.system",
    "inside_a_network": "os.system",
    "inside_dead_branch": "os.system",
    "inst": "os.system",
    "obj": "os.system",
    "newobj_os": "subprocess.Popen",
    "build_setstate": "os.system",
    "reduce_class": "madmom.ml.nn.NeuralNetwork",
    "reduce_ndarray": "numpy.ndarray",
    "reduce_activation": "madmom.ml.nn.activations.tanh",
    "other_class_of_madmom": "madmom.processors.SequentialProcessor",
    "module_trick": "madmom.ml.nn.layers.os.system",
    "reduce_object": "__builtin__.object",
    "functools_partial": "functools.partial",
    "operator_attrgetter": "operator.attrgetter",
    "runpy": "runpy.run_path",
}


def main() -> None:
    for old in HERE.glob("*.pkl"):
        old.unlink()
    for name, data in HOSTILE.items():
        (HERE / f"{name}.pkl").write_bytes(data)
    print(len(HOSTILE), "files,", sum(map(len, HOSTILE.values())), "bytes")


if __name__ == "__main__":
    main()
