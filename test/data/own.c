/* Our own questions, as lines and as a table. */
#include "support/data.h"
#include "support/testing.h"

static void lines_are_read(void **state)
{
    (void)state;
    check_shown(
        "lines", test_fixture("data/own"), NULL, NULL,
        "1: q1 | a.mp4 of 10 s from 1-4.5 | en-GB choice: What rolls in? | options a ball; "
        "a "
        "cube | right 0 | answer a ball | tags type=descriptive, skill=color, skill=motion "
        "| "
        "windows 1.5-2, 3-4 | subtitles a.vtt\n"
        "2: 2 | a.mp4 | en choice: Which? | options red; blue | right 1 | answer blue\n"
        "4: q3 | 17 | en count: How often does it jump? | count 3\n"
        "5: q4 | b | en open: What colour is it? | answer red\n"
        "6: q5 | b of 4 s | en retrieve: A red ball jumps. | windows 0-2.25\n"
        "7: q6 | b | en choice: How many? | options 2; 3; 1 | right 2 | answer 1\n");
}

static void tables_are_read(void **state)
{
    (void)state;
    check_shown(
        "table", test_fixture("data/own"), NULL, NULL,
        "2: q1 | a.mp4 from 1-4.5 | en-GB choice: What rolls in, first? | options a ball; "
        "a "
        "cube | right 0 | answer a ball | tags type=descriptive, skill=color | windows "
        "1.5-2, 3-4 | subtitles a.vtt\n"
        "3: q2 | a.mp4 | en choice: Which? | options red; blue; green | right 2 | answer "
        "green\n"
        "4: q3 | b | en count: How often? | count 3\n"
        "5: q4 | b | en open: What colour is it? | answer red\n"
        "6: q5 | b | en retrieve: A red ball jumps. | windows 0-2.25\n"
        "7: q6 | b | en open: What is on the sign? | answer 42\n");
}

#define LINE(more) "{\"id\":\"q\",\"video\":\"v\",\"question\":\"Q?\"" more "}\n"

static void malformed_lines_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", "\n", "val.jsonl: no questions in it"},
        {"no object", "3\n", "val.jsonl:1: expected an object, got the integer 3"},
        {"missing key", "{\"id\":\"q\",\"question\":\"Q?\"}",
         "val.jsonl:1: key \"video\" is missing"},
        {"unknown key", LINE(",\"answr\":1"),
         "val.jsonl:1: key \"answr\": is not a key of this format"},
        {"wrong type", LINE(",\"answer\":1.5"),
         "val.jsonl:1: key \"answer\": expected a string, got the real number 1.5"},
        {"no text", LINE(",\"answer\":\"\""),
         "val.jsonl:1: key \"answer\": expected a text, got none"},
        {"bad index", LINE(",\"options\":[\"a\",\"b\"],\"answer\":2"),
         "val.jsonl:1: answer 2 is not an index from 0 to 1"},
        {"no options", LINE(",\"options\":[]"),
         "val.jsonl:1: key \"options\": expected items, got none"},
        {"unknown kind", LINE(",\"kind\":\"multi\",\"answer\":2"),
         "val.jsonl:1: kind is choice, open, count or retrieve, not \"multi\""},
        {"choice without options", LINE(",\"kind\":\"choice\",\"answer\":2"),
         "val.jsonl:1: kind \"choice\" with 0 options"},
        {"open with options", LINE(",\"kind\":\"open\",\"options\":[\"a\"],\"answer\":2"),
         "val.jsonl:1: kind \"open\" with 1 options"},
        {"count that is none", LINE(",\"kind\":\"count\",\"answer\":\"two\""),
         "val.jsonl:1: a count is an integer, not \"two\""},
        {"tags as a list", LINE(",\"tags\":[\"a\"]"),
         "val.jsonl:1: key \"tags\": expected an object, got an array"},
        {"tag of a wrong type", LINE(",\"tags\":{\"a\":[\"b\",3]}"),
         "val.jsonl:1: key \"tags.a[1]\": expected a string, got the integer 3"},
        {"clip of one time", LINE(",\"clip\":[1]"),
         "val.jsonl:1: key \"clip\": expected 2 items, got 1"},
        {"negative length", LINE(",\"video_s\":-1"),
         "val.jsonl:1: key \"video_s\": expected a time, got -1"},
    };
    check_refused("lines", "val.jsonl", cases, TEST_COUNT(cases));
}

static void odd_lines_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"hidden answer", LINE(""), "no_answer: val.jsonl:1: question \"q\" has no answer"},
        {"no windows", LINE(",\"kind\":\"retrieve\""),
         "no_answer: val.jsonl:1: question \"q\" has no answer"},
        {"unknown answer", LINE(",\"options\":[\"a\",\"b\"],\"answer\":\"c\""),
         "unknown_answer: val.jsonl:1: the answer \"c\" is none of the options"},
        {"duplicate id", LINE(",\"answer\":1") LINE(",\"answer\":1"),
         "duplicate_id: val.jsonl:2: question id \"q\" was there before"},
        {"window behind the end", LINE(",\"video_s\":2,\"windows\":[[1,3]]"),
         "outside: val.jsonl:1: window 1 s to 3 s is not within the 2 s that there are"},
    };
    check_noticed("lines", "val.jsonl", cases, TEST_COUNT(cases));
}

static void malformed_tables_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", "id,video,question\n", "val.csv: no questions in it"},
        {"missing column", "id,question\n",
         "val.csv: no column \"video\" (columns: id, question)"},
        {"unknown column", "id,video,question,answr\n",
         "val.csv: column \"answr\" is not one of this format"},
        {"options with a gap", "id,video,question,option_0,option_2\n",
         "val.csv: column \"option_2\" is not one of this format"},
        {"tag without a name", "id,video,question,tag_\n",
         "val.csv: column \"tag_\" is not one of this format"},
        {"half a clip", "id,video,question,start_s\n",
         "val.csv: start_s and end_s go together"},
        {"no video", "id,video,question\nq,,Q?\n",
         "val.csv:2: column \"video\": expected a text, got none"},
        {"bad index", "id,video,question,option_0,answer\nq,v,Q?,a,1\n",
         "val.csv:2: answer 1 is not an index from 0 to 0"},
        {"an option left out", "id,video,question,option_0,option_1,answer\nq,v,Q?,,b,1\n",
         "val.csv:2: column \"option_0\": expected a text, got none"},
        {"wrong type", "id,video,question,start_s,end_s\nq,v,Q?,1,soon\n",
         "val.csv:2: column \"end_s\": expected a number, got \"soon\""},
        {"clip that ends before it begins", "id,video,question,start_s,end_s\nq,v,Q?,2,1\n",
         "val.csv:2: start_s 2 is behind end_s 1"},
        {"window without an end", "id,video,question,windows\nq,v,Q?,1-2;3\n",
         "val.csv:2: column \"windows\": expected start-end;start-end in seconds, got "
         "\"1-2;3\""},
        {"window of words", "id,video,question,windows\nq,v,Q?,1-2 s\n",
         "val.csv:2: column \"windows\": expected start-end;start-end in seconds, got "
         "\"1-2 "
         "s\""},
    };
    check_refused("table", "val.csv", cases, TEST_COUNT(cases));
}

static void odd_tables_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"unknown answer", "id,video,question,option_0,answer\nq,v,Q?,a,c\n",
         "unknown_answer: val.csv:2: the answer \"c\" is none of the options"},
        {"duplicate id", "id,video,question,answer\nq,v,Q?,a\nq,v,Q?,a\n",
         "duplicate_id: val.csv:3: question id \"q\" was there before"},
        {"hidden answer", "id,video,question,answer\nq,v,Q?,\n",
         "no_answer: val.csv:2: question \"q\" has no answer"},
    };
    check_noticed("table", "val.csv", cases, TEST_COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(tables_are_read),
        cmocka_unit_test(malformed_lines_are_refused),
        cmocka_unit_test(odd_lines_are_noticed),
        cmocka_unit_test(malformed_tables_are_refused),
        cmocka_unit_test(odd_tables_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
