SECRET_KEY = "for-this-exercise-on-this-machine-only"
DEBUG = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "config.urls"
USE_TZ = True

# Part of every price that is shown.
TAX = "0.25"
