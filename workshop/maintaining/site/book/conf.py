"""Sphinx's settings for the book. `workshop.maintaining.site.build` calls Sphinx on a copy of the pages."""

project = "A webhook server in Django, to learn refactoring on"
extensions = ["myst_parser", "workshop.maintaining.site.extension"]
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["book.css"]

highlight_language = "none"  # a block that names no language has none

# Headings have the anchors that they have on a code host, so that no link of a page changes.
myst_heading_anchors = 4
suppress_warnings = [
    "misc.highlighting_failure",  # an excerpt may leave lines out, and is then no whole Python
]

html_theme = "pydata_sphinx_theme"
html_title = "Django refactoring workshop"
html_sidebars = {"**": ["contents.html"], "index": ["contents.html"]}
html_theme_options = {
    "navbar_center": ["doors.html"],
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "primary_sidebar_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["offline.html"],
    "footer_end": [],
    "show_toc_level": 2,
    "logo": {"text": "Django refactoring workshop"},
}
html_context = {"default_mode": "auto"}
# What a browser would fetch: it cannot, from a folder.
html_show_search_summary = False
html_copy_source = False
html_use_index = False
html_show_sphinx = False
