"""The approval page: shows what waits, and writes down what the person asks for; it acts on nothing itself.

Start here: ``site.Site`` is what a page knows of its service, ``app`` makes the web application of it, ``server``
serves that.
"""
