"""The installed AWS CLI, imported once: each line of standard input is a call, run in a child of its own."""

import base64
import json
import os
import sys
import tempfile
import traceback

import awscli.clidriver

DATA_PATH = {name: os.environ[name] for name in ["AWS_DATA_PATH"] if name in os.environ}


def run(call):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                os.environ.clear()
                # Set while it was imported: where its own tables are.
                os.environ.update({**call["env"], **DATA_PATH})
                sys.argv = ["aws", *call["args"]]
                code = awscli.clidriver.main()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        out.seek(0)
        err.seek(0)
        return {
            "code": os.waitstatus_to_exitcode(status),
            "stdout": base64.b64encode(out.read()).decode(),
            "stderr": base64.b64encode(err.read()).decode(),
        }


print("ready", flush=True)
for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
