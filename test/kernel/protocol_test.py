"""Jupyter's own tests of a kernel, with samples in TypeScript.

Needs the kernel `spdzlab` to be installed where this Python looks for kernels.
"""

import unittest

import jupyter_kernel_test


class SpdzlabTests(jupyter_kernel_test.KernelTests):
    kernel_name = "spdzlab"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("trouble")'

    completion_samples = [
        {"text": "Math.sq", "matches": {"sqrt", "SQRT1_2", "SQRT2"}},
        {"text": '"🙂".toUpperC', "matches": {"toUpperCase"}},
        {"text": "new spdz.DesyncErr", "matches": {"DesyncError"}},
    ]

    complete_code_samples = ["1 + 1", "function f() {\n  return 1;\n}", 'const s = "a";', "await (1)"]
    incomplete_code_samples = ["function f() {", "const x = [1,", "`a", "/* open", "if (true) {\n  1"]
    invalid_code_samples = ["let = = 3", "1 +* 2;", ")"]

    code_page_something = "Math.sqrt?"
    code_generate_error = 'throw new RangeError("wrong")'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"a" + "b"', "result": "'ab'"},
        {"code": "await Promise.resolve([1, 2])", "result": "[ 1, 2 ]"},
        {"code": '({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<b>1</b>" }) })', "mime": "text/html"},
    ]
    code_display_data = [
        {"code": 'import * as tslab from "tslab"; tslab.display.html("<b>1</b>")', "mime": "text/html"},
        {"code": "display({ a: 1 })", "mime": "text/plain"},
    ]
    code_history_pattern = "6 ?*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.sqrt"
    code_clear_output = "clearOutput()"


if __name__ == "__main__":
    unittest.main()
