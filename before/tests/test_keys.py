from plumbing.keys import bearer_key, digest_of, new_key, prefix_of


def test_two_keys_differ_in_what_is_stored_of_them():
    first, second = new_key(), new_key()

    assert prefix_of(first) != prefix_of(second)
    assert digest_of(first) != digest_of(second)


def test_a_key_comes_after_the_word_bearer():
    assert bearer_key("Bearer whk_1") == bearer_key("bearer  whk_1 ") == "whk_1"
    for header in ("Bearer", "Bearer  ", "Basic whk_1", "whk_1", ""):
        assert bearer_key(header) is None
