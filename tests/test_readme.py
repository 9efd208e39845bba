"""The README runs: its Python as it stands, its command lines as far as they are cheap."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from studies.commands import cli, main

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text()
CHEAP = ("capacity", "solve", "diagram", "threshold", "sample", "states", "info", "cite")


def blocks(*languages):
    found = re.findall(r"^```(\w+)[^\n]*\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return [body for language, body in found if language in languages]


def command_lines(program):
    """Words of every line of the README that calls a program, without prompt and comment."""
    lines = [
        line.removeprefix("$ ").strip()
        for body in blocks("console", "sh", "bash", "shell")
        for line in body.replace("\\\n", " ").splitlines()
    ]
    return [shlex.split(line, comments=True) for line in lines if line.startswith(f"{program} ")]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    plt.close("all")


def test_python_blocks_run_one_after_the_other_and_print_what_they_say():
    python = blocks("python")
    assert python
    namespace, printed = {"__name__": "readme"}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        for body in python:
            exec(compile(body, "README.md", "exec"), namespace)
    for body in python:
        for said in re.findall(r"^print\(.*\)  # (.+)$", body, re.MULTILINE):
            assert said in printed.getvalue().splitlines()


@pytest.mark.parametrize("words", command_lines("hopfield"), ids=" ".join)
def test_command_lines_are_understood(words):
    verb, *arguments = words[1:]
    if verb.startswith("-"):
        assert verb in ("--help", "--version")
        return
    assert verb in cli.commands
    cli.commands[verb].make_context(verb, arguments).close()


@pytest.mark.parametrize(
    "words", [words for words in command_lines("hopfield") if words[1] in CHEAP], ids=" ".join
)
def test_cheap_command_lines_run(words, folder, capsys):
    main(words[1:])
    assert capsys.readouterr().out
    for option in ("-o", "--output", "--plot"):
        if option in words:
            assert (folder / words[words.index(option) + 1]).stat().st_size > 0


def test_there_are_command_lines():
    assert len(command_lines("hopfield")) > 2


@pytest.mark.parametrize("target", [words[1] for words in command_lines("make")])
def test_targets_of_make_exist(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", re.findall(r"\]\(((?!https?:|#)[^)]+)\)", TEXT))
def test_files_that_are_linked_exist(path):
    assert (ROOT / path).exists()
