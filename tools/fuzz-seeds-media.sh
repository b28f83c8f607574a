#!/bin/sh
# fuzz-seeds-media.sh - makes the seeds of fuzz/media.c with the ffmpeg program: a small file of
# each container and codec that askance is likely to meet. They are in the repository; this says
# how they came to be. Needs ffmpeg with libx264 and libvpx.
set -eu
out=${1:-fuzz/corpus/media}
mkdir -p "$out"

# seed FILE RATE SECONDS OPTION... : 32x32 pixels, without anything that tells who made it
seed() {
    file=$1 source="testsrc=size=32x32:rate=$2:duration=$3"
    shift 3
    ffmpeg -nostdin -v error -y -f lavfi -i "$source" -bitexact -flags +bitexact \
        "$@" "$out/$file"
}
h264='-c:v libx264 -preset veryfast -crf 40 -pix_fmt yuv420p -bf 2 -g 6 -x264-params b-adapt=0'
# x264 writes its settings into the stream: 600 bytes of them, taken out again
plain='-bsf:v filter_units=remove_types=6'

# shellcheck disable=SC2086 # options are several words
{
    seed h264.mp4 8 1 $h264 $plain
    seed fragmented.mp4 8 0.5 $h264 $plain -movflags frag_keyframe+empty_moov
    seed h264.mkv 8 1 $h264 $plain
    seed h264.ts 8 0.5 $h264 $plain
    seed raw.h264 8 0.5 $h264 $plain
    seed vp8.webm 8 0.5 -c:v libvpx -b:v 20k
    seed mpeg4.avi 8 0.5 -c:v mpeg4 -q:v 31
    seed mjpeg.mov 4 0.5 -c:v mjpeg -q:v 31 -pix_fmt yuvj420p
    seed frames.gif 4 1
}
printf '#EXTM3U\n#EXTINF:1,\nh264.ts\n#EXT-X-ENDLIST\n' >"$out/playlist.m3u8"
printf 'ffconcat version 1.0\nfile h264.mp4\n' >"$out/list.ffconcat"
