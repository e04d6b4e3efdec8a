"""Early warning signs in a Django project. It reads source and history, and imports or runs nothing of the project."""
