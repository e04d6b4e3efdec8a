"""What a client may pin as its format."""

VERSIONS = {
    "std_json": (1,),
    "flat_camel": (1,),
}


def format_errors(format_name: str, version: int, options: dict) -> dict:
    """What is wrong with a format that somebody wants to pin, as a serializer's nested errors; empty if nothing is."""
    if format_name not in VERSIONS:
        return {"name": [f"One of {', '.join(VERSIONS)} was expected."]}
    if version not in VERSIONS[format_name]:
        return {"version": [f"{format_name} has the versions {', '.join(map(str, VERSIONS[format_name]))}."]}
    if options:
        return {"options": {option: ["There is no such member."] for option in options}}
    return {}
