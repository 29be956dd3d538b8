"""Runs a command on a pseudo-terminal and plays a person at its keyboard.

argv[1] is JSON: {"command": [...], "steps": [{"expect": text, "send": text, "echo": bool}]}. Each step waits for its text,
checks whether the terminal echoes, and types. Answers JSON: output, exit code, whether echo is on at the end.
"""
import json
import os
import pty
import select
import signal
import sys
import termios
import time

script = json.loads(sys.argv[1])
pid, master = pty.fork()
if pid == 0:
    os.execvp(script["command"][0], script["command"])

output = b""
failure = None


def echo_is_on():
    return bool(termios.tcgetattr(master)[3] & termios.ECHO)


def read_more(deadline):
    global output
    ready, _, _ = select.select([master], [], [], max(0, deadline - time.monotonic()))
    if not ready:
        return False
    try:
        chunk = os.read(master, 65536)
    except OSError:
        return False
    output += chunk
    return bool(chunk)


seen = 0
for step in script["steps"]:
    deadline = time.monotonic() + 25
    wanted = step["expect"].encode()
    while wanted not in output[seen:]:
        if not read_more(deadline):
            failure = "never saw %r" % step["expect"]
            break
    if failure:
        break
    seen = output.index(wanted, seen) + len(wanted)
    if "echo" in step:
        while echo_is_on() != step["echo"]:
            if time.monotonic() > deadline:
                failure = "echo was %s at %r" % (echo_is_on(), step["expect"])
                break
            time.sleep(0.01)
    if failure:
        break
    os.write(master, step["send"].encode())

deadline = time.monotonic() + 25
echo_at_end = None
while failure is None:
    try:
        echo_at_end = echo_is_on()
    except termios.error:
        pass
    if not read_more(deadline):
        break
if failure:
    os.kill(pid, signal.SIGKILL)
_, status = os.waitpid(pid, 0)
code = os.waitstatus_to_exitcode(status)
print(json.dumps({"output": output.decode(errors="replace"), "code": code, "echoAtEnd": echo_at_end, "failure": failure}))
