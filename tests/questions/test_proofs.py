"""Every answer of `./ws ask`: does its proof hold?"""

import pytest

from workshop.ask.questions import Question, topics
from workshop.maintaining.questions.prove import problems

QUESTIONS = {f"{topic.folder.name}-{question.id}": question for topic in topics() for question in topic.questions}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_the_right_answer_is_proved_right_and_the_wrong_ones_wrong(question: Question) -> None:
    assert list(problems(question)) == []
