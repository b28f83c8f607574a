/* sets.c - the sets that can be read, and what their files are called. */
#include "data/reader_priv.h"

/* In the order in which a split is looked for when none is named. */
#define USUAL_SPLITS                                                                       \
    {                                                                                      \
        {"val", "val"}, {"test", "test"},                                                  \
        {                                                                                  \
            "train", "train"                                                               \
        }                                                                                  \
    }
#define TGIF_SPLITS                                                                        \
    {                                                                                      \
        {"test", "Test"}, {"train", "Train"},                                              \
        {                                                                                  \
            "total", "Total"                                                               \
        }                                                                                  \
    }

/* All questions are in one place; a file of lists beside says which are for what. */
#define SOCIALIQ_SPLITS                                                                    \
    {                                                                                      \
        {"all", "all"}, {"val", "val"},                                                    \
        {                                                                                  \
            "train", "train"                                                               \
        }                                                                                  \
    }

const data_set data_sets[] = {
    {.name = "star",
     .title = "STAR",
     .splits = USUAL_SPLITS,
     .files = {"STAR_*.json"},
     .read = data_star_read},
    {.name = "star-lines",
     .title = "STAR (lines and events of Glance-Focus)",
     .splits = USUAL_SPLITS,
     .files = {"*.jsonl"},
     .read = data_star_lines_read,
     .read_more = data_star_lines_read_more},
    {.name = "nextqa",
     .title = "NExT-QA (multiple choice)",
     .splits = USUAL_SPLITS,
     .files = {"*_mc.csv", "*.csv"},
     .map = "map_vid_vidorID.json",
     .read = data_nextqa_read},
    {.name = "nextqa-open",
     .title = "NExT-QA (open answers)",
     .splits = USUAL_SPLITS,
     .files = {"*_oe.csv", "*.csv"},
     .map = "map_vid_vidorID.json",
     .read = data_nextqa_open_read,
     .read_more = data_nextqa_open_read_more},
    {.name = "nextgqa",
     .title = "NExT-GQA",
     .splits = USUAL_SPLITS,
     .files = {"*.csv"},
     .map = "map_vid_vidorID.json",
     .read = data_nextgqa_read,
     .read_more = data_nextgqa_read_more},
    {.name = "agqa",
     .title = "AGQA 2.0 (balanced)",
     .splits = {{"test", "test"}, {"train", "train"}, {"val", "val"}}, // val: one's own
     .files = {"*_balanced.txt"},
     .read = data_agqa_read,
     .read_more = data_agqa_read_more},
    {.name = "egotaskqa",
     .title = "EgoTaskQA",
     .splits = USUAL_SPLITS,
     .files = {"formatted_*_qas_encode.json", "*_qas_encode.json", "*_qas.json"},
     .read = data_egotaskqa_read,
     .read_more = data_egotaskqa_read_more},
    {.name = "msvdqa",
     .title = "MSVD-QA",
     .splits = USUAL_SPLITS,
     .files = {"*_qa.json"},
     .map = "youtube_mapping.txt",
     .read = data_msvd_read},
    {.name = "msrvttqa",
     .title = "MSRVTT-QA",
     .splits = USUAL_SPLITS,
     .files = {"*_qa.json"},
     .read = data_msrvtt_read},
    {.name = "activitynetqa",
     .title = "ActivityNet-QA",
     .splits = USUAL_SPLITS,
     .files = {"*_q.json"},
     .read = data_activitynet_read,
     .read_more = data_activitynet_read_more},
    {.name = "tgifqa-action",
     .title = "TGIF-QA (repeating action)",
     .splits = TGIF_SPLITS,
     .files = {"*_action_question.csv"},
     .read = data_tgif_action_read},
    {.name = "tgifqa-transition",
     .title = "TGIF-QA (state transition)",
     .splits = TGIF_SPLITS,
     .files = {"*_transition_question.csv"},
     .read = data_tgif_transition_read},
    {.name = "tgifqa-count",
     .title = "TGIF-QA (repetition count)",
     .splits = TGIF_SPLITS,
     .files = {"*_count_question.csv"},
     .read = data_tgif_count_read},
    {.name = "tgifqa-frame",
     .title = "TGIF-QA (frame)",
     .splits = TGIF_SPLITS,
     .files = {"*_frameqa_question.csv"},
     .read = data_tgif_frame_read},
    {.name = "qvhighlights",
     .title = "QVHighlights",
     .splits = USUAL_SPLITS,
     .files = {"highlight_*_release.jsonl"},
     .read = data_qvhighlights_read},
    {.name = "socialiq2",
     .title = "Social-IQ 2.0",
     .splits = USUAL_SPLITS,
     .files = {"qa/qa_*.json", "qa_*.json"},
     .subtitles = "transcript/*.vtt",
     .read = data_socialiq2_read,
     .read_more = data_socialiq2_read_more},
    {.name = "socialiq",
     .title = "Social-IQ 1.0 (texts)",
     .splits = SOCIALIQ_SPLITS,
     .files = {"qa"},
     .video_file = "*_trimmed-out",
     .read_path = data_socialiq_read_path},
    {.name = "socialiq-binary",
     .title = "Social-IQ 1.0 (vectors, right or wrong)",
     .splits = SOCIALIQ_SPLITS,
     .files = {"SOCIAL-IQ_QA_BERT_LASTLAYER_BINARY_CHOICE.csd"},
     .video_file = "*_trimmed-out",
     .read_path = data_socialiq_vectors_read_path},
    {.name = "socialiq-multiple",
     .title = "Social-IQ 1.0 (vectors, one of four)",
     .splits = SOCIALIQ_SPLITS,
     .files = {"SOCIAL-IQ_QA_BERT_MULTIPLE_CHOICE.csd"},
     .video_file = "*_trimmed-out",
     .read_path = data_socialiq_vectors_read_path},
    {.name = "tinysocial",
     .title = "TinySocial (our table for it)",
     .splits = {{"crowd", "crowd"}, {"inhouse", "inhouse"}},
     .files = {"*.csv"},
     .read = data_tinysocial_read},
    {.name = "lines",
     .title = "our own format (JSON lines)",
     .splits = USUAL_SPLITS,
     .files = {"*.jsonl"},
     .read = data_own_lines_read},
    {.name = "table",
     .title = "our own format (CSV)",
     .splits = USUAL_SPLITS,
     .files = {"*.csv"},
     .read = data_own_table_read},
    {0},
};
