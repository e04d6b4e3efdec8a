"""The package needs nothing but Python: it can be installed without the workshop."""

import ast
import sys

import pytest

from workshop import ROOT

PACKAGE = ROOT / "signs" / "django_signs"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_the_standard_library_and_its_own_package_only(module):
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))

    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imported += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level]

    roots = {name.partition(".")[0] for name in imported}
    assert roots <= {"django_signs", *sys.stdlib_module_names}
