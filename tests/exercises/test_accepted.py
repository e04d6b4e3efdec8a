"""Right solutions in unusual forms, which edit more files than a solution may."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workshop.exercises import catalogue, trees
from workshop.exercises.judge import Judge
from workshop.maintaining.exercises import upkeep

CHECKOUT = "shop/checkout.py"
REEXPORTED = '__all__ = ["NoSuchCart", "Refused", "place_order"]\n'


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(upkeep.SECONDS_A_JOB) as made:
        yield made


@pytest.fixture
def red(judge: Judge, tmp_path: Path) -> Callable[[str, Callable[[Path], None]], list[str]]:
    """Lays out the solution of an exercise, changes it, and says which checks are red."""

    def judged(number: str, change: Callable[[Path], None]) -> list[str]:
        exercise = catalogue.find(number)
        trees.lay(tmp_path, exercise.start, exercise.solution)
        change(tmp_path)
        return [result.message() for result in judge.judge(exercise, tmp_path).red]

    return judged


def replaced(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"{file.name} has no {old!r} any more"
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def test_a_text_may_be_put_together_with_percent(red) -> None:
    def with_percent(project: Path) -> None:
        replaced(project / "shop/invoice.py", ('"title": line.title', '"title": "%s" % line.title'))

    assert red("3", with_percent) == []


def test_a_use_case_may_stand_in_another_module(red) -> None:
    def move(project: Path) -> None:
        (project / CHECKOUT).rename(project / "shop/ordering.py")
        (project / CHECKOUT).write_text(f"from .ordering import NoSuchCart, Refused, place_order\n\n{REEXPORTED}")

    assert red("6", move) == []


def test_a_use_case_may_be_a_managers_method(red) -> None:
    def move(project: Path) -> None:
        above, body = (
            (project / CHECKOUT).read_text(encoding="utf-8").split("@transaction.atomic\ndef place_order(*,", 1)
        )
        rules = above.split("Order, Voucher\n", 1)[1].strip()
        body = body.replace("Order.objects.create", "self.create").replace("\n", "\n    ").rstrip()
        said = '"""An order. `voucher` is the amount that a voucher took off."""\n'
        manager = f"class Orders(models.Manager):\n    @transaction.atomic\n    def place(self, *,{body}\n"
        replaced(
            project / "shop/models.py",
            (
                "import models\n",
                "import models, transaction\nfrom django.db.models import F\nfrom decimal import Decimal\n",
            ),
            ("class Order(", f"{rules}\n\n\n{manager}\n\nclass Order("),
            (said, f"{said}\n    objects = Orders()\n"),
        )
        (project / CHECKOUT).write_text(
            f"from .models import NoSuchCart, Order, Refused\n\nplace_order = Order.objects.place\n{REEXPORTED}"
        )

    assert red("6", move) == []


def test_the_merchants_page_may_read_the_registry_once(red) -> None:
    def read_once(project: Path) -> None:
        views = project / "payments/views.py"
        line = next(line for line in views.read_text(encoding="utf-8").splitlines() if "in sorted(PROVIDERS" in line)
        once = line.strip().replace("providers =", "CHOICES =")
        replaced(
            views,
            (f"{line}\n", ""),
            ('{"providers": providers}', '{"providers": CHOICES}'),
            ("\n\n\ndef as_json", f"\n\n{once}\n\n\ndef as_json"),
        )

    assert red("4", read_once) == []


def test_a_kind_that_nobody_knows_may_be_taken_for_a_payment(red) -> None:
    def take(project: Path) -> None:
        known = 'payment.kind if payment.kind in ("refund", "chargeback") else "payment"'
        replaced(project / "payments/fees.py", ("[payment.kind]", f"[{known}]"))

    assert red("4", take) == []


def test_a_payment_that_is_asked_for_more_than_five_facts_is_named_with_its_line(red) -> None:
    def ask(project: Path) -> None:
        replaced(project / "payments/fees.py", ("[payment.kind]", "[payment.get_kind_display().lower()]"))

    told = red("4", ask)

    assert "another attribute of the payment: get_kind_display). Calculate them from provider, kind, amount," in told[0]
    assert "crashes" not in "".join(told)


def test_an_order_that_breaks_two_rules_may_be_refused_for_either(red) -> None:
    def reorder(project: Path) -> None:
        text = (project / CHECKOUT).read_text(encoding="utf-8")
        stock, goods = text.index("    for line in lines:\n        if line.quantity >"), text.index("    goods = sum(")
        shipping = text.index("    shipping = Decimal(")
        (project / CHECKOUT).write_text(text[:stock] + text[goods:shipping] + text[stock:goods] + text[shipping:])

    assert red("6", reorder) == []


@pytest.mark.parametrize("known", ["Refused, Cart.DoesNotExist", "Refused, LookupError"])
def test_a_refusal_of_the_shops_own_may_be_of_any_kind(red, known: str) -> None:
    def derive(project: Path) -> None:
        replaced(project / CHECKOUT, ("class NoSuchCart(Refused)", f"class NoSuchCart({known})"))

    assert red("6", derive) == []


def test_a_table_that_no_check_judges_may_be_left_out(red) -> None:
    def leave_out(project: Path) -> None:
        answers = project / "answers.toml"
        answers.write_text(answers.read_text(encoding="utf-8").split("[yours]")[0], encoding="utf-8")

    assert red("7", leave_out) == []


def test_a_rung_of_ones_own_may_be_in_other_words(red) -> None:
    def in_other_words(project: Path) -> None:
        answers = project / "answers.toml"
        above = answers.read_text(encoding="utf-8").split("[yours]")[0]
        answers.write_text(f'{above}[yours]\nrung = "none yet"\nbecause = "We are two."\n', encoding="utf-8")

    assert red("7", in_other_words) == []


def test_a_first_answer_may_say_pending_although_the_money_has_moved(red) -> None:
    def send_on_commit(project: Path) -> None:
        kept = "            Outbox.objects.create(payment=payment)\n    except"
        replaced(
            project / "payments/views.py",
            ("from .providers", "from .outbox import send_due\nfrom .providers"),
            (kept, kept.replace("    except", "            transaction.on_commit(send_due)\n    except")),
        )

    assert red("10", send_on_commit) == []
