"""Expected rows, as scenarios write them (tests/golden/check.py says what the columns' suffixes mean)."""


def row(rule, status, reason=None, stage=None, grade=None, **more):
    """The requirement of a rule. `ports` and `transport` among `more` tell apart the requirements of one rule."""
    where = {'rule_id': rule, **{key: more.pop(key) for key in ('transport', 'ports', 'product') if key in more}}
    return ('requirements', where, {'status': status, 'block_reason': reason, 'stage': stage, 'grade': grade, **more})


def blocked(where, reason, stage, grade, control=None, **more):
    """A blocked flow; `control` says which flow makes the grade B."""
    expect = {'outcome': 'blocked', 'block_reason': reason, 'stage': stage, 'grade': grade, 'inconclusive_reason': None, **more}
    expect.update({'control_flow_id@': control} if control else {'control_flow_id': None})
    return ('flows', where, expect)


def passed(where, **more):
    return ('flows', where, {'outcome': 'passed', 'block_reason': None, 'grade': None, **more})


def inconclusive(where, reason, **more):
    return ('flows', where, {'outcome': 'inconclusive', 'inconclusive_reason': reason, 'block_reason': None, 'stage': None,
                             'grade': None, **more})


def none(view, **where):
    """No row of the view fits."""
    return (view, where, None)


def nothing_blocked():
    """Neither a flow nor a requirement is blocked."""
    return [none('flows', outcome='blocked'), none('requirements', status='blocked'), ('runs', {}, {'flows_blocked': 0})]
