#!/usr/bin/env python3
"""templates.py OUT - what Jinja makes of templates, set up as transformers does for chat templates.

Needs: pip install jinja2 (version 3.1.6). Writes OUT/constructs.json (one construct each) and
OUT/conversations.json (templates of the shape of published ones, with conversations), which
test/text/template.c reads."""
import datetime
import json
import os
import sys
import time

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = 1700000000  # Tuesday, 14 November 2023, 22:13:20 UTC


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def strftime_now(format):
    return datetime.datetime.fromtimestamp(NOW).strftime(format)


def environment():
    e = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    e.filters["tojson"] = tojson
    e.globals["raise_exception"] = raise_exception
    e.globals["strftime_now"] = strftime_now
    return e


def run(template, variables):
    """{"result": ...}, or {"error": the kind of it}."""
    try:
        return {"result": environment().from_string(template).render(**json.loads(json.dumps(variables)))}
    except (jinja2.exceptions.TemplateSyntaxError, SyntaxError):
        return {"error": "syntax"}
    except jinja2.exceptions.TemplateError as e:
        return {"error": "raised" if type(e) is jinja2.exceptions.TemplateError else "runtime"}
    except (TypeError, ValueError, KeyError, ZeroDivisionError, AttributeError, OverflowError):
        return {"error": "runtime"}


# ---- one construct each ----

VARIABLES = {
    "s": "Hello, World", "u": "\u00c9t\u00e9 \u65e5\u672c \U0001f3a5 \u00df", "empty": "", "pad": "  \t a b \n ",
    "lines": "one\ntwo\n\n three", "quote": "it's \"q\" \\ \n\t\x7f\u200b\u00a0",
    "n": 7, "neg": -3, "f": 2.5, "big": 1e16, "small": 1e-5, "tenth": 0.1, "whole": 3.0, "yes": True, "no": False,
    "nil": None, "l": [3, 1, 2], "words": ["pear", "Apple", "fig", "apple"], "none_list": [], "mixed": [1, "1", True, None, 2.0],
    "d": {"b": 2, "a": 1, "C": 3}, "nested": {"k": {"x": [1, {"y": "z"}]}, "items": "own", "get": 5}, "none_dict": {},
    "people": [{"name": "Ann", "age": 30, "tags": ["x"]}, {"name": "bob", "age": 25}, {"name": "Cid", "age": 30, "tags": []}],
    "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo", "x": 1}],
}

CONSTRUCTS = {
    "white space": [
        "a\n{% if yes %}\nb\n{% endif %}\nc", "a\n  {% if yes %}  \n  b\n  {% endif %}\nc\n", "a {%- if yes -%} b {%- endif -%} c",
        "  {%+ if yes %}x{% endif +%}\n y", "{{ n }}\n{{ n }}\n", "x\n\n", "x\n\n\n", "  {{- n -}}  y", "  {{ n }}  \n  {# c #}  \n  z",
        "a {#- c -#} b", "a\n {# c #}\nb", "a {# multi\nline #}\nb", "a {#+ c +#}\n b", "{% raw %}{{ x }}{% endraw %}", "{% raw %}\n {{ x }}\n{% endraw %}\n y",
        "a {%- raw -%}  {% if %} {%- endraw -%}  b", "a\n  {% raw %} x {% endraw %}\nb", "\r\na\r\nb\rc\r\n", "{%- set x = 1 -%}\n\n\n  a", "  {% set x = 1 %}  {% set y = 2 %}\nb",
        "a{% if yes %}\n\nb{% endif %}", "{{ 'a\\n' }}\n{{ n }}", "x {{- '' }} y", "\u00a0{%- if yes %}a{% endif -%}\u3000b", "{{+ n }}{{-n}}{{ -n }}", "{{n}}}", "{ { % } {%if yes%}{{'%}'}}{%endif%}",
        "\t{% if yes %}\t\nx\n\t{% endif %}", "{% if yes -%}\n\n x\n{%- endif %}\ny", "a\n{{- n }}\n  {%- if yes %} q {% endif %}", "{##}a{#-#}", "{{ {'a': {'b': 1}} }}", "{% for x in l %}\n{{ x }}\n{% endfor %}\nend",
    ],
    "printing": [
        "{{ s }}|{{ n }}|{{ f }}|{{ whole }}|{{ big }}|{{ small }}|{{ tenth }}|{{ yes }}|{{ nil }}|{{ l }}|{{ d }}|{{ nested }}|{{ mixed }}",
        "{{ missing }}|{{ d.missing }}|{{ d['q'] }}|{{ nil.x }}|{{ s.nope }}|{{ l[9] }}|{{ l['a'] }}", "{{ quote }}{{ [quote] }}", "{{ [u, 'a\"b', \"a'b\"] }}", "{{ (1,) }}{{ (1, 2) }}{{ () }}{{ [] }}{{ {} }}",
        "{{ 1e22 }} {{ 1e15 }} {{ 123456789012345680.0 }} {{ 1.5e300 }} {{ 0.0001 }} {{ 0.00001 }} {{ 3.14159 }} {{ 100.0 }} {{ 1e2 }} {{ 0.1 + 0.2 }} {{ -0.0 }} {{ 5e-324 }}",
        "{{ range(3) }} {{ range(1, 9, 2) }} {{ range(5, 0, -2) | list }}", "{{ d.items() }} {{ d.keys() }} {{ d.values() }}", "{{ [missing] }} {{ [nil, yes] }}", "{{ namespace(a=1, b='x') }}", "{{ true }}{{ True }}{{ none }}{{ None }}{{ false }}",
        "{{ 1, 2 }}", "{{ 'a' 'b' \"c\" }}", "{{ 'a\\tb\\x41\\u00e9\\U0001F600\\101\\q\\'\\\\' }}", "{{ 1_000 }} {{ 1_0.5 }} {{ 1.5E+2 }} {{ 0 }} {{ 00 }}",
    ],
    "operators": [
        "{{ 1 + 2 * 3 - 4 }} {{ 7 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 3 ** 2 }}", "{{ 7.5 // 2 }} {{ -7.5 % 2 }} {{ 7.5 % -2 }} {{ 1e3 // 7 }} {{ 6.0 / 3 }} {{ 4 / 2 }}",
        "{{ 1 + 1.0 }} {{ yes + 1 }} {{ 'a' + 'b' }} {{ [1] + [2] }} {{ (1,) + (2,) }} {{ 'ab' * 3 }} {{ 2 * [0] }} {{ 'x' * -1 }}|", "{{ 'a' ~ 1 ~ none ~ 2.0 ~ missing ~ [1] }}", "{{ 'n=' ~ n + 1 }}",
        "{{ 1 < 2 }} {{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }} {{ 1 == 1.0 }} {{ '1' == 1 }} {{ yes == 1 }} {{ none == none }} {{ [1, 2] == [1, 2] }} {{ (1,) == [1] }} {{ d == {'a': 1, 'b': 2, 'C': 3} }}",
        "{{ 'a' < 'b' }} {{ [1, 2] < [1, 3] }} {{ 'Z' < 'a' }} {{ 2 >= 2.0 }} {{ 1 != 2 }}", "{{ 'el' in s }} {{ 'x' not in s }} {{ 1 in l }} {{ 'a' in d }} {{ 'z' in missing }} {{ not 1 in l }} {{ '' in s }} {{ 2 in range(3) }} {{ 1.0 in l }}",
        "{{ 1 and 0 }} {{ 0 or 'x' }} {{ '' or none }} {{ not '' }} {{ not not 1 }} {{ missing or 'd' }} {{ l and 'yes' }}", "{{ 'a' if yes }} {{ 'a' if no }} {{ 'a' if no else 'b' if no else 'c' }} {{ ('a' if no) is defined }}",
        "{{ -2 ** 2 }} {{ +3 }} {{ --3 }} {{ -f }} {{ -yes }}", "{{ 5 - -3 }} {{ 5 -3 }} {{ 5-3 }}", "{{ 1 + 'a' }}", "{{ 1 < 'a' }}", "{{ 1 / 0 }}", "{{ 1 % 0 }}", "{{ missing + 1 }}", "{{ missing.x }}", "{{ missing['x'] }}", "{{ 1 in 5 }}", "{{ 1 in 'a' }}", "{{ nil + 'a' }}",
        "{{ -n | abs }} {{ -3 | abs }} {{ 'a' ~ 'b' | upper }} {{ ('a' ~ 'b') | upper }} {{ 1 + 2 | string }}", "{{ not n == 7 }} {{ not n == 8 and yes }}", "{{ missing == missing2 }} {{ missing == none }} {{ missing != '' }}", "{{ 3 if yes else 4, 5 }}", "{{ {'a': 1}['a'] + [5, 6][1] }}",
    ],
    "access": [
        "{{ l[0] }} {{ l[-1] }} {{ l[1:] }} {{ l[::-1] }} {{ l[:-1] }} {{ l[0:2:2] }} {{ l[5:] }} {{ l[-2:] }} {{ l[::2] }} {{ l[2:0:-1] }} {{ l[none:2] }}", "{{ s[0] }} {{ s[-1] }} {{ s[1:4] }} {{ s[::-1] }} {{ u[0] }}{{ u[4] }}{{ u[-1] }} {{ u[::-1] }} {{ u[2:6] }}",
        "{{ d.a }} {{ d['a'] }} {{ d.get('a') }} {{ d.get('z') }} {{ d.get('z', 5) }} {{ nested.k.x[1].y }} {{ nested['k']['x'][0] }} {{ nested.k.x.0 }} {{ nested.k.x.1.y }}", "{{ nested['items'] }} {{ nested['get'] }} {{ nested.items() | list | length }}",
        "{{ messages[0].content }} {{ messages[-1]['role'] }} {{ messages[1].x }} {{ messages[0].x is defined }}", "{{ (1, 2, 3)[1:] }} {{ 'abc'[1:][0] }} {{ range(10)[2:5] | list }}", "{{ d.keys() | list }} {{ d.values() | list }} {{ d.items() | list }}", "{{ d | length }} {{ u | length }} {{ missing | length }}",
        "{{ range(10)[2:5] }} {{ range(0, 10, 3)[1:] }} {{ range(5)[::-1] }}", "{{ nil[1:] }}", "{{ missing[1:] }}", "{{ d.missing.x }}", "{{ l[1.0] }}|", "{{ l[yes] }}", "{{ {1: 'a', 2.0: 'b', true: 'c'} }}", "{{ {'x': 1, 'x': 2} }}", "{{ {[1]: 2} }}", "{{ l['0'] }}|{{ s.0 }}", "{{ d[missing] }}|", "{{ s['upper']() }} {{ d['keys']() | list }}",
    ],
    "strings": [
        "[{{ pad.strip() }}][{{ pad.lstrip() }}][{{ pad.rstrip() }}][{{ 'xxaxx'.strip('x') }}][{{ 'abcba'.lstrip('ab') }}][{{ u.strip('\u00df\u00c9') }}]", "{{ s.split() }} {{ s.split(',') }} {{ 'a,b,,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ ' a  b c '.split(None, 1) }} {{ ' a  b c '.rsplit(none, 1) }} {{ ''.split() }} {{ ''.split(',') }} {{ 'a b'.split(maxsplit=0) }}",
        "{{ 'x</think>y</think>z'.split('</think>')[-1] }} {{ 'x</t>y'.split('</t>')[0].rstrip('\\n').split('<t>')[-1] }}", "{{ s.startswith('He') }} {{ s.endswith('ld') }} {{ s.startswith(('a', 'H')) }} {{ s.endswith('') }} {{ s.startswith('W', 7) }}", "{{ s.upper() }} {{ s.lower() }} {{ s.title() }} {{ 'heLLo wOrld'.capitalize() }} {{ s.swapcase() }} {{ \"they're bill's\".title() }}",
        "{{ u.upper() }} {{ u.lower() }} {{ '\u00dfa'.capitalize() }} {{ '\ufb01x'.title() }} {{ '\u03a3\u03a3 \u03a3'.lower() }} {{ '\u0130'.lower() }} {{ '\u01c6'.upper() }} {{ '\u01c6a'.title() }}", "{{ s.replace('l', 'L') }} {{ s.replace('l', 'L', 1) }} {{ 'aaa'.replace('aa', 'b') }} {{ 'ab'.replace('', '-') }} {{ 'ab'.replace('', '-', 2) }}",
        "{{ s.find('o') }} {{ s.find('zz') }} {{ s.rfind('o') }} {{ s.find('o', 5) }} {{ s.index('W') }} {{ s.count('l') }} {{ 'aaa'.count('aa') }} {{ 'ab'.count('') }} {{ u.find('\u672c') }}", "{{ ', '.join(words) }} {{ ''.join('abc') }} {{ '-'.join(d) }}",
        "{{ lines.splitlines() }} {{ 'a\\r\\nb\\rc\\n'.splitlines() }} {{ 'a\\nb'.splitlines(true) }} {{ ''.splitlines() }}", "{{ 'a-b-c'.partition('-') }} {{ 'a-b-c'.rpartition('-') }} {{ 'abc'.partition('-') }} {{ 'abc'.rpartition('-') }}", "{{ 'abc'.removeprefix('a') }} {{ 'abc'.removesuffix('bc') }} {{ 'abc'.removeprefix('x') }}",
        "{{ '7'.zfill(3) }} {{ '-7'.zfill(4) }} [{{ 'a'.ljust(3) }}] [{{ 'a'.rjust(3, '*') }}] [{{ 'ab'.center(5) }}] [{{ 'abc'.center(6, '.') }}] [{{ 'a'.center(4) }}]", "{{ '12'.isdigit() }} {{ 'a1'.isalnum() }} {{ 'ab'.isalpha() }} {{ ' '.isspace() }} {{ ''.isdigit() }} {{ 'aB'.islower() }} {{ 'AB1'.isupper() }} {{ 'a b'.islower() }} {{ '\u00b2'.isnumeric() }}",
        "{{ '%s is %d and %.2f, %5s|%-5s|%05d|%x|%%' % ('a', 3, 2.5, 'b', 'c', 42, 255) }} {{ '%s' % 5 }} {{ '%(a)s-%(b)d' % d }} {{ '%r' % 'x' }} {{ '%s %s' | format(1, 'b') }} {{ '%+d %e %g' % (3, 12345.678, 0.0001) }}", "{{ '{} {}'.format(1, 'b') }} {{ '{0}{1}{0}'.format('a', 'b') }} {{ '{x}'.format(x=3) }} {{ '{:>4}|{:<4}|{:^4}|{:.2f}|{:04d}|{{}}'.format('a', 'b', 'c', 1.5, 7) }} {{ '{:,}'.format(1234567) }} {{ '{!r}'.format('q') }}",
        "{{ 'abc'.index('z') }}", "{{ 'a'.split('') }}", "{{ 'a'.nope() }}", "{{ '%d' % 'x' }}", "{{ 'a' % missing }}{{ 'a' % d }}{{ 'a' % l }}", "{{ 'a' % 1 }}", "{{ '%s' % (1, 2) }}", "{{ '%s %s' % 1 }}", "{{ ','.join([1]) }}",
    ],
    "filters of values": [
        "[{{ pad | trim }}] [{{ 'xax' | trim('x') }}] {{ s | upper }} {{ s | lower }} {{ 'a b' | title }} {{ 'foo-bar (baz) don\\'t' | title }} {{ 'ABC d' | capitalize }} {{ 5 | string + 'x' }} {{ n | upper }}", "{{ s | replace('l', 'L') }} {{ s | replace('l', 'L', 2) }} {{ 515 | replace(5, 6) }}",
        "{{ missing | default('d') }} {{ '' | default('d') }} {{ '' | default('d', true) }} {{ nil | default('d') }} {{ nil | d('d', boolean=true) }} {{ missing | default }}|{{ 0 | d(5, true) }}", "{{ '42' | int }} {{ ' 42 ' | int }} {{ '4.7' | int }} {{ 'x' | int }} {{ 'x' | int(5) }} {{ 3.9 | int }} {{ -3.9 | int }} {{ 'ff' | int(base=16) }} {{ '0xff' | int(0, 16) }} {{ nil | int }} {{ yes | int }} {{ '1_000' | int }} {{ '-12' | int }}",
        "{{ '2.5' | float }} {{ 'x' | float }} {{ 'x' | float(1.5) }} {{ 3 | float }} {{ '1e3' | float }} {{ nil | float }} {{ 'inf' | float }} {{ '-nan' | float }}", "{{ -3 | abs }} {{ 2.567 | round(1) }} {{ 2.5 | round }} {{ 3.5 | round }} {{ 2.4 | round(0, 'ceil') }} {{ 2.6 | round(method='floor') }} {{ 42 | round }} {{ 2.675 | round(2) }} {{ 1234.5 | round(-2) }}",
        "{{ lines | indent }}|{{ lines | indent(2, true) }}|{{ lines | indent(2, blank=true) }}|{{ lines | indent('> ') }}|{{ '' | indent(2, true) }}|{{ 'a\\n' | indent(2) }}|", "{{ 'foo bar baz qux' | truncate(9) }} {{ 'foo bar baz qux' | truncate(9, true) }} {{ 'foo bar baz qux' | truncate(11) }} {{ 'foo bar baz qux' | truncate(11, false, '...', 0) }}", "[{{ 'ab' | center(7) }}]",
        "{{ '<a href=\"x\">&\\'' | e }} {{ s | safe }} {{ '<' | escape }}", "{{ l | truncate(9) }}", "{{ n | indent }}", "{{ 'a' | nope }}", "{{ missing | int }}",
    ],
    "JSON": [
        "{{ d | tojson }} {{ nested | tojson }} {{ mixed | tojson }} {{ s | tojson }} {{ u | tojson }} {{ quote | tojson }} {{ nil | tojson }} {{ yes | tojson }} {{ f | tojson }} {{ whole | tojson }} {{ big | tojson }}", "{{ nested | tojson(indent=2) }} {{ l | tojson(indent=4) }} {{ [] | tojson(indent=2) }} {{ {} | tojson(indent=2) }} {{ [[], {}] | tojson(indent=1) }}", "{{ u | tojson(ensure_ascii=true) }} {{ quote | tojson(true) }}", "{{ d | tojson(sort_keys=true) }} {{ d | tojson(separators=(',', ':')) }} {{ [1, {'a': 2}] | tojson(indent=0) }} {{ [1] | tojson(indent='--') }}",
        "{{ (1, 2) | tojson }} {{ {1: 2, none: 3, true: 4, 1.5: 5} | tojson }} {{ '</script>' | tojson }}", "{{ missing | tojson }}", "{{ range(2) | tojson }}", "{{ d.items() | tojson }}", "{{ d | items | list | tojson }}", "{{ nested | tojson(indent=2, sort_keys=true) }}",
    ],
    "filters of lists": [
        "{{ l | length }} {{ l | count }} {{ s | length }} {{ l | first }} {{ l | last }} {{ s | first }} {{ d | first }} {{ d | last }} {{ none_list | first }}|{{ none_list | last }}|", "{{ l | join }} {{ l | join(', ') }} {{ people | join(', ', attribute='name') }} {{ 'abc' | join('-') }} {{ mixed | join('/') }} {{ none_list | join(',') }}|",
        "{{ s | list }} {{ d | list }} {{ l | reverse | list }} {{ s | reverse }} {{ d.items() | list }} {{ d | items | list }} {{ missing | list }} {{ missing | items | list }}", "{{ people | map(attribute='name') | list }} {{ words | map('upper') | list }} {{ people | map(attribute='tags', default='none') | list }} {{ people | map(attribute='tags.0') | list }} {{ l | map('string') | join('+') }} {{ words | map('replace', 'p', 'P') | list }}",
        "{{ l | select('odd') | list }} {{ l | reject('odd') | list }} {{ mixed | select | list }} {{ mixed | select('string') | list }} {{ l | select('gt', 1) | list }} {{ l | select('in', [1, 2]) | list }}", "{{ people | selectattr('age', 'equalto', 30) | map(attribute='name') | list }} {{ people | selectattr('tags') | list | length }} {{ people | rejectattr('tags', 'defined') | list | length }} {{ messages | selectattr('role', 'eq', 'user') | list }} {{ (messages | rejectattr('role', '==', 'user') | list)[0].content }} {{ people | selectattr('age', '>', 26) | list | length }}",
        "{{ l | sort }} {{ words | sort }} {{ words | sort(case_sensitive=true) }} {{ l | sort(reverse=true) }} {{ people | sort(attribute='age') | map(attribute='name') | list }} {{ people | sort(attribute='age,name', reverse=true) | map(attribute='name') | list }} {{ s | sort }}", "{{ words | unique | list }} {{ words | unique(true) | list }} {{ people | unique(attribute='age') | map(attribute='name') | list }} {{ mixed | unique | list }}", "{{ d | dictsort }} {{ d | dictsort(true) }} {{ d | dictsort(false, 'value') }} {{ d | dictsort(reverse=true) }}",
        "{{ l | min }} {{ l | max }} {{ words | min }} {{ people | max(attribute='age') }} {{ l | sum }} {{ people | sum(attribute='age') }} {{ l | sum(start=10) }} {{ none_list | max }}|", "{{ [1, 2, 3, 4, 5] | batch(2) | list }} {{ [1, 2, 3] | batch(2, 0) | list }} {{ [1, 2, 3, 4, 5] | slice(2) | list }} {{ [1, 2, 3] | slice(2, 'x') | list }}", "{{ people | groupby('age') }} {% for a, g in people | groupby('age') %}{{ a }}:{{ g | length }} {% endfor %}",
        "{{ l | sort | first }} {{ (l | sort)[-1] }} {{ l | reverse | first }} {% set it = l | map('string') %}{{ it | join }}{{ it | join }}|", "{{ l | map('string') | length }}", "{{ l | map('string') | last }}", "{% for x in none_list | map('upper') %}{% endfor %}", "{{ nil | list }}", "{{ 5 | join }}", "{{ mixed | sort }}", "{{ l | map('nope') | list }}", "{{ l | select('nope') | list }}", "{{ [l, l] | sum(start=[]) }}", "{{ l | map | list }}",
    ],
    "tests": [
        "{{ s is string }} {{ n is string }} {{ n is number }} {{ yes is number }} {{ n is integer }} {{ yes is integer }} {{ f is float }} {{ whole is integer }} {{ yes is boolean }} {{ 1 is boolean }} {{ yes is true }} {{ 1 is true }} {{ no is false }} {{ nil is none }} {{ missing is none }}", "{{ d is mapping }} {{ l is mapping }} {{ l is sequence }} {{ s is sequence }} {{ d is sequence }} {{ 5 is sequence }} {{ l is iterable }} {{ s is iterable }} {{ 5 is iterable }} {{ missing is iterable }} {{ missing is sequence }} {{ nil is iterable }} {{ d.items() is sequence }} {{ d.items() is iterable }} {{ (l | map('string')) is sequence }}",
        "{{ missing is defined }} {{ s is defined }} {{ missing is undefined }} {{ d.q is defined }} {{ d.a is defined }} {{ missing is not defined }} {{ nil is defined }} {{ not missing is defined }}", "{{ 3 is odd }} {{ 4 is even }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(2) }} {{ 3 is eq 3 }} {{ 3 is equalto(4) }} {{ 3 is ne 4 }} {{ 3 is gt 2 }} {{ 3 is lt(2) }} {{ 3 is ge 3 }} {{ 3 is le 2 }} {{ 'a' is in ['a'] }} {{ 'a' is in 'cat' }}", "{{ 'abc' is lower }} {{ 'ABC' is upper }} {{ 'aB' is lower }} {{ nil is sameas none }} {{ 1 is sameas true }} {{ range is callable }} {{ s is callable }} {{ namespace() is mapping }} {{ l is not string and l is not mapping }}",
        "{{ 'x' if s is string and n is number else 'y' }} {{ s is defined and s is string or no }} {{ (s is string) == yes }}", "{{ s is nope }}", "{{ 3 is divisibleby }}", "{{ 'a' is odd }}",
    ],
    "loops": [
        "{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ x }};{% endfor %}", "{% for x in l %}[{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }}]{% endfor %}", "{% for x in l if x > 1 %}{{ loop.index }}:{{ x }}/{{ loop.length }} {% else %}none{% endfor %}", "{% for x in none_list %}a{% else %}none{% endfor %}{% for x in missing %}a{% else %}none{% endfor %}", "{% for k, v in d.items() %}{{ k }}={{ v }}{{ ',' if not loop.last }}{% endfor %}", "{% for k in d %}{{ k }}{% endfor %}{% for c in s[:3] %}{{ c }}.{% endfor %}", "{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
        "{% for x in l %}{% for y in l %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}", "{% for x in range(5) %}{% if x == 1 %}{% continue %}{% endif %}{% if x == 3 %}{% break %}{% endif %}{{ x }}{% endfor %}", "{% for x in [1] %}{% break %}{% else %}E{% endfor %}{% for x in [1] %}{% continue %}{% else %}E{% endfor %}{% for x in [1, 2] %}{% if x == 2 %}{% break %}{% endif %}{% else %}E{% endfor %}", "{% for x in l %}{{ loop.cycle('a', 'b') }}{% endfor %} {% for x in [1, 1, 2] %}{{ loop.changed(x) }}{% endfor %}", "{% set x = 0 %}{% for i in l %}{% set x = i %}{{ x }}{% endfor %}{{ x }}", "{% set x = 9 %}{% for x in l %}{{ x }}{% endfor %}{{ x }}", "{% for x in l %}{{ y }}{% set y = x %}{{ y }}{% endfor %}", "{% set ns = namespace(n=0, s='') %}{% for x in l %}{% set ns.n = ns.n + x %}{% set ns.s = ns.s ~ x %}{% endfor %}{{ ns.n }} {{ ns.s }}",
        "{% for m in messages[::-1] %}{{ m.role }}{{ loop.last }} {% endfor %}{% for m in messages[1:] %}{{ m.role }}{% endfor %}", "{% for i in range(3) %}{% for j in range(i) %}{{ i }}{{ j }} {% endfor %}{% endfor %}", "{% for a, b in [[1, 2, 3]] %}{% endfor %}", "{% for x in 5 %}{% endfor %}", "{% for x in nil %}{% endfor %}", "{{ loop }}|{% for x in l %}{% endfor %}{{ loop is defined }}", "{% break %}", "{% for x in l %}{% if loop.first %}F{% elif loop.last %}L{% else %}M{% endif %}{% endfor %}", "{% for x in (1, 2) %}{{ x }}{% endfor %}{% for x in 1, 2 %}{{ x }}{% endfor %}", "{% for x in l | sort if x is odd %}{{ x }}{% endfor %}", "{% for x in range(200000) %}{% endfor %}", "{% for x in d.items() | sort(attribute='1') %}{{ x[0] }}{% endfor %}", "{% for p in people %}{% if loop.previtem is defined and loop.previtem.age > p.age %}younger {% endif %}{{ p.name }} {% endfor %}",
    ],
    "set": [
        "{% set a = 1 %}{{ a }}{% set a, b = 2, 3 %}{{ a }}{{ b }}{% set (c, e) = [4, 5] %}{{ c }}{{ e }}", "{% set a = 1, 2 %}{{ a }}", "{% set x %}a{{ n }}b{% endset %}[{{ x }}]{{ x | length }}", "{% set x | upper %}abc{% endset %}{{ x }}", "{% set x | replace('b', 'c') | upper %}abc{% endset %}{{ x }}", "{% set ns = namespace() %}{% set ns.a = 1 %}{% set ns.b %}t{% endset %}{{ ns.a }}{{ ns.b }}{{ ns.c }}|{{ ns['a'] }}|{{ ns.c is defined }}", "{% set ns = namespace({'x': 1}, y=2) %}{{ ns.x }}{{ ns.y }}", "{% if yes %}{% set z = 1 %}{% endif %}{{ z }}", "{% set s = 'new' %}{{ s }}", "{% set d2 = dict(z=1, **d) %}{{ d2 }}", "{{ dict(a=1, **d) }}", "{% set d2 = dict(d, z=1) %}{{ d2 }} {{ dict([('a', 1)]) }} {{ dict() }}", "{% set d.x = 1 %}", "{% set q.x = 1 %}", "{% set a, b = [1] %}", "{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a }}|", "{% filter upper %}ab{{ s }}{% endfilter %}", "{% set x %}{% set inner = 5 %}{{ inner }}{% endset %}{{ x }}{{ inner }}|", "{% set l2 = l + [4] %}{{ l2 }}{{ l }}", "{% set l2 = l.append(4) %}", "{% set _ = d.update({'x': 1}) %}", "{% set x = [] %}{% for i in l %}{% set x = x + [i] %}{% endfor %}{{ x }}", "{% generation %}{% set x = 1 %}{{ x }}{{ n }}{% endgeneration %}{{ x }}|", "{% for x in l %}{% generation %}{{ loop.index }}{{ x }}{% endgeneration %}{% endfor %}", "a {%- generation %} b {% endgeneration -%} c",
    ],
    "macros": [
        "{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(b=5, a=4) }} {{ m() }}|{{ m(a=1) | upper }}", "{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}", "{% macro m() %}{{ x }}{{ n }}{% endmacro %}{% set x = 5 %}{{ m() }}", "{% macro f(k) %}{% if k > 0 %}{{ k }}{{ f(k - 1) }}{% endif %}{% endmacro %}{{ f(4) }}", "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, z=3) }}", "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}{% endmacro %}{{ m(q=2) }}", "{% for i in l %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}", "{% macro m() %}{{ i }}|{% endmacro %}{% for i in l %}{{ m() }}{% endfor %}", "{% macro m(x) %}\n  {%- if x is string %}{{ x }}{% else %}{{ x | tojson }}{% endif -%}\n{% endmacro %}[{{ m('a') }}][{{ m([1]) }}]", "{% macro m(x) -%} {{ x }} {%- endmacro %}[{{ m(1) }}]{% set r = m(2) %}{{ r is string }}{{ r ~ 'x' }}", "{{ m(1) }}{% macro m(a) %}{% endmacro %}", "{% macro m(a, b) %}{{ b is defined }}{{ b }}{% endmacro %}{{ m(1) }}", "{% macro m(ns) %}{% set ns.x = 2 %}{% endmacro %}{% set ns = namespace(x=1) %}{{ m(ns) }}{{ ns.x }}", "{% macro m(*a) %}{% endmacro %}", "{% macro m(a=1, b) %}{% endmacro %}", "{% set args = [1, 2] %}{% macro m(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ m(*args) }} {{ m(**{'a': 3, 'b': 4}) }}", "{% macro outer() %}{% macro inner(x) %}({{ x }}){% endmacro %}{{ inner(1) }}{% endmacro %}{{ outer() }}{{ inner is defined }}", "{{ m is defined }}{% macro m() %}{% endmacro %}{{ m is defined }}{{ m.name }}",
    ],
    "functions": [
        "{{ range(3) | list }} {{ range(2, 5) | list }} {{ range(0, 10, 3) | list }} {{ range(5, 0, -2) | list }} {{ range(3) | length }} {{ range(3)[1] }} {{ range(0) | list }}", "{{ raise_exception('no: ' ~ n) }}", "{{ strftime_now('%Y-%m-%d %H:%M:%S') }} {{ strftime_now('%d %b %Y') }} {{ strftime_now('%B %A %a %j %p %I %y %-d %-m %%') }} {{ strftime_now('%e|%f|%x|%X|%c|%D|%T|%F') }}", "{{ dict(a=1).a }} {{ dict(a=1) == {'a': 1} }}", "{{ nope() }}", "{{ s() }}", "{{ range(1, 2, 0) }}", "{{ range('a') }}", "{{ strftime_now is defined }} {{ nope is defined }}",
    ],
    "syntax": [
        "{% if %}{% endif %}", "{% if yes %}", "{{ 1 + }}", "{{ (1 }}", "{{ 1 ) }}", "{{ [1 }", "{% endif %}", "{% nope %}", "{{ 'a }}", "{# a", "{% raw %} a", "{% for x l %}{% endfor %}", "{{ a b }}", "{{ 1 | }}", "{{ a. }}", "{% set %}", "{% set 1 = 2 %}", "{% if a %}{% else %}{% elif b %}{% endif %}", "{{ x is }}", "{{ a is b is c }}", "{{ f(a=1, 2) }}", "{{ ? }}", "{{ {1 2} }}", "{{ a[ }}", "{% macro %}{% endmacro %}", "{% for x in y %}{% endif %}", "{{", "{%", "{{ }}", "{{ a if }}", "{{ not }}", "{{ a ! b }}", "{{ a $ b }}", "a }} b %} c #}", "{{ a }", "{% if yes: %}x{% endif %}", "{{ 'a' if yes else }}", "{{ x.1.2 is defined if x else 1 }}", "{{ .5 }}", "{{ 5. }}",
    ],
}

# ---- templates of the shape of published ones ----

SHAPES = {
    "inst": "{{ bos_token }}{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles do not alternate') }}{% endif %}{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + ' [/INST]' }}{% elif m['role'] == 'assistant' %}{{ m['content'] + eos_token }}{% else %}{{ raise_exception('no such role') }}{% endif %}{% endfor %}",
    "inst with system": "{% if messages[0]['role'] == 'system' %}{% set turns = messages[1:] %}{% set system = messages[0]['content'] %}{% else %}{% set turns = messages %}{% set system = false %}{% endif %}{% for m in turns %}{% if loop.index0 == 0 and system != false %}{% set text = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' + m['content'] %}{% else %}{% set text = m['content'] %}{% endif %}{% if m['role'] == 'user' %}{{ bos_token + '[INST] ' + text.strip() + ' [/INST]' }}{% elif m['role'] == 'assistant' %}{{ ' ' + text.strip() + ' ' + eos_token }}{% endif %}{% endfor %}",
    "marks": "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "marks with tools": """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'Help.' }}
    {%- endif %}
    {{- "\\n\\nTools:\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls %}
            {%- if tool_call.function is defined %}
                {%- set tool_call = tool_call.function %}
            {%- endif %}
            {{- '\\n<call>\\n{"name": "' }}
            {{- tool_call.name }}
            {{- '", "arguments": ' }}
            {{- tool_call.arguments | tojson }}
            {{- '}\\n</call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<response>\\n' }}
        {{- message.content }}
        {{- '\\n</response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    "headers with tools": """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Today: " + date_string + "\\n\\n" }}
{%- if tools is not none %}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls | length == 1 %}
            {{- raise_exception("one call at once") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
        {{- tool_call.name + ".call(" }}
        {%- for arg_name, arg_val in tool_call.arguments | items %}
            {{- arg_name + '="' ~ arg_val ~ '"' }}
            {%- if not loop.last %}
                {{- ", " }}
            {%- endif %}
        {%- endfor %}
        {{- ")" }}
        {{- "<|eom_id|>" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if message.content is mapping or message.content is iterable and message.content is not string %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "roles in words": "{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'] }}{% else %}{{ ' ' if not loop.first }}{{ message['role'].upper() }}: {{ message['content'] | trim }}{{ eos_token if message['role'] == 'assistant' }}{% endif %}{% endfor %}{% if add_generation_prompt %} ASSISTANT:{% endif %}",
    "media in parts": """{% for message in messages %}{% if message['role'] != 'system' %}{{ message['role'].upper() + ': '}}{% endif %}{# media first #}
{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>\\n' }}{% endfor %}
{% for content in message['content'] | selectattr('type', 'equalto', 'video') %}{{ '<video>\\n' }}{% endfor %}
{% if message['role'] != 'assistant' %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] + ' '}}{% endfor %}{% else %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{% generation %}{{ content['text'] + ' '}}{% endgeneration %}{% endfor %}{% endif %}{% endfor %}
{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}""",
    "counted media": "{% set image_count = namespace(value=0) %}{% set video_count = namespace(value=0) %}{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n{% else %}{% for content in message['content'] %}{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}{% set image_count.value = image_count.value + 1 %}{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}<|vision_start|><|image_pad|><|vision_end|>{% elif content['type'] == 'video' or 'video' in content %}{% set video_count.value = video_count.value + 1 %}<|vision_start|><|video_pad|><|vision_end|>{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    "turns": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}",
    "bars": "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n' + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}",
    "ends": "{% for message in messages %}{{'<|' + message['role'] + '|>\\n' + message['content'] + '<|end|>\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% else %}{{ eos_token }}{% endif %}",
    "macro of a schema": """{%- macro type_of(spec) -%}
    {%- if spec.type is string %}
        {%- if spec.type == 'array' %}list[{{ type_of(spec['items']) }}]
        {%- elif spec.type == 'object' %}dict
        {%- else %}{{ {'string': 'str', 'number': 'float', 'integer': 'int'}.get(spec.type, 'any') }}
        {%- endif %}
    {%- elif spec.type is iterable %}{{ spec.type | join(' | ') }}
    {%- else %}any
    {%- endif -%}
{%- endmacro -%}
{%- for tool in tools or [] %}
def {{ tool.function.name }}({% for name, spec in tool.function.parameters.properties.items() %}{{ name }}: {{ type_of(spec) }}{% if spec.enum is defined %} = {{ spec.enum | map('tojson') | join('/') }}{% endif %}{{ ', ' if not loop.last }}{% endfor %})  # {{ tool.function.description | default('', true) }}
{% endfor %}
{%- set ns = namespace(last_user=-1) %}
{%- for m in messages[::-1] %}
    {%- set i = messages | length - 1 - loop.index0 %}
    {%- if ns.last_user < 0 and m.role == 'user' %}{%- set ns.last_user = i %}{%- endif %}
{%- endfor %}
{%- for m in messages %}
{%- set content = m.content if m.content is string else m.content | map(attribute='text', default='*') | join(' ') %}
{%- if '</think>' in content %}{%- set content = content.split('</think>')[-1].lstrip('\\n') %}{%- endif %}
{{ loop.index0 == ns.last_user }} {{ m.role }}: {{ content }}
{%- endfor -%}
""",
}

TOOLS = [{"type": "function", "function": {"name": "weather", "description": "The weather \u2014 \"now\"", "parameters": {
    "type": "object", "properties": {"city": {"type": "string", "enum": ["Paris", "Roma"]}, "days": {"type": ["integer", "null"]},
                                     "where": {"type": "array", "items": {"type": "number"}}}, "required": ["city"]}}}]


def turn(role, content, **more):
    return {"role": role, "content": content} | more


def call(**arguments):
    return {"type": "function", "function": {"name": "weather", "arguments": arguments}}


def parts(*words):
    return [{"type": w} if w in ("image", "video") else {"type": "text", "text": w} for w in words]


CONVERSATIONS = {
    "one question": [turn("user", "What is it?")],
    "system and turns": [turn("system", " Be kind. "), turn("user", "Hi\n"), turn("assistant", " Yes? "), turn("user", "1 < 2 & \"so\"?")],
    "empty texts": [turn("user", ""), turn("assistant", ""), turn("user", " ")],
    "other scripts": [turn("user", "\u65e5\u672c\u8a9e \U0001f3a5 \u00c9\u00df"), turn("assistant", "<think>\nhm</think>\n\nja"), turn("user", "{{ x }}{% y %}")],
    "two users": [turn("user", "a"), turn("user", "b")],
    "a tool": [turn("user", "Rain?"), turn("assistant", "", tool_calls=[call(city="Paris", days=2, f=1.5, b=True, n=None)]), turn("tool", "{\"t\": 20}"), turn("tool", "more"), turn("assistant", "No")],
    "media": [turn("user", parts("video", "image", "What happens?")), turn("assistant", parts("A dance.")), turn("user", parts("Where?", "image"))],
    "media and system": [turn("system", parts("Look well.")), turn("user", parts("video", "Who?"))],
}


def constructs():
    for kind, templates in CONSTRUCTS.items():
        for t in templates:
            yield {"kind": kind, "template": t} | run(t, VARIABLES)


def conversations():
    for shape, template in SHAPES.items():
        for name, messages in CONVERSATIONS.items():
            for add in (False, True):
                v = {"messages": messages, "add_generation_prompt": add, "bos_token": "<s>", "eos_token": "</s>",
                     "tools": TOOLS if name == "a tool" else None}
                yield {"name": f"{shape}: {name}{' +' if add else ''}", "shape": shape, "variables": v} | run(template, v)


def write(path, value):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(value, f, ensure_ascii=True, indent=1)
        f.write("\n")


def main():
    os.environ["TZ"] = "UTC"
    time.tzset()
    write(sys.argv[1] + "/constructs.json", {"now": NOW, "variables": VARIABLES, "cases": list(constructs())})
    write(sys.argv[1] + "/conversations.json", {"now": NOW, "shapes": SHAPES, "cases": list(conversations())})


if __name__ == "__main__":
    main()
