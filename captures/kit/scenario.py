"""The registry of scenarios: each makes a capture and says by hand what must be read from it."""
import json
import os

from . import pcap
from .story import Story

scenarios = []


def scenario(topic, name, require, **options):
    """Decorates a function that tells a story and returns its expectations:

    a list of (view, where, expect): exactly one row of the view fits `where`, and it has the columns of
    `expect`. `others` (default "unmatched") is the status of every requirement that is not named.
    options: link_type, snap_length, exit (the exit status), arguments, others.
    """
    def register(tell):
        scenarios.append((topic, name, require, options, tell))
        return tell
    return register


def make(folder, topic, name, require, options, tell):
    story = Story()
    rows = tell(story)
    directory = os.path.join(folder, topic)
    os.makedirs(directory, exist_ok=True)
    path = os.path.join(directory, name + '.pcap')
    pcap.write(path, story.frames, options.get('snap_length', 262144), options.get('link_type', 1))
    expected = {
        'what': ' '.join(tell.__doc__.split()),
        'generator': f'captures/{topic}/scenarios.py',
        'require': require if isinstance(require, list) else [require],
        'exit': options.get('exit', 0),
        'others': options.get('others', 'unmatched'),
        'rows': [{'view': view, 'where': where, 'expect': expect} for view, where, expect in rows],
    }
    with open(os.path.join(directory, name + '.expected.json'), 'w') as file:
        json.dump(expected, file, indent=2)
        file.write('\n')
    return path
