"""The registry of scenarios: each makes a capture and says by hand what must be read from it."""
import json
import os

from . import pcap
from .story import Story

scenarios = []


def scenario(topic, name, require, **options):
    """Decorates a function that tells a story and returns its expectations (kit.expect makes them):

    a list of (view, where, expect): exactly one row of the view fits `where`, and it has the columns of
    `expect`; with None for `expect`, no row fits. `others` (default "unmatched") is the status of every requirement that
    is not named. A story with several parts (story.next_file) becomes several files that are analysed together; one with
    drop counters (story.counter) becomes a pcapng file.
    options: link_type, snap_length, exit (the exit status), arguments, others, says and never_says (texts of the report).
    """
    def register(tell):
        scenarios.append((topic, name, require, options, tell))
        return tell
    return register


def write_part(path, part, snap_length, link_type):
    """Writes one part of a story; returns the name of the file."""
    if part.counters:
        path += '.pcapng'
        pcap.write_ng(path, part.frames, part.counters, snap_length, part.link_type or link_type)
    else:
        path += '.pcap'
        pcap.write(path, part.frames, snap_length, part.link_type or link_type)
    return os.path.basename(path)


def make(folder, topic, name, require, options, tell):
    story = Story()
    rows = tell(story)
    directory = os.path.join(folder, topic)
    os.makedirs(directory, exist_ok=True)
    parts = story.parts()
    files = [write_part(os.path.join(directory, name + (f'.{number}' if len(parts) > 1 else '')), part,
                        options.get('snap_length', 262144), options.get('link_type', 1)) for number, part in enumerate(parts, 1)]
    expected = {
        'what': ' '.join(tell.__doc__.split()),
        'generator': f'captures/{topic}/scenarios.py',
        'require': require if isinstance(require, list) else [require],
        'exit': options.get('exit', 0),
        'others': options.get('others', 'unmatched'),
        'rows': [{'view': view, 'where': where, 'expect': expect} for view, where, expect in rows if expect is not None],
    }
    if len(files) > 1:
        expected['files'] = files
    none = [{'view': view, 'where': where} for view, where, expect in rows if expect is None]
    if none:
        expected['none'] = none
    for key in ('arguments', 'says', 'never_says'):
        if key in options:
            expected[key] = options[key]
    with open(os.path.join(directory, name + '.expected.json'), 'w') as file:
        json.dump(expected, file, indent=2)
        file.write('\n')
