"""Gmail behind its port: ``gmail`` is it, ``payload`` makes mail of its JSON, ``outcome`` tells what was sent."""
