package io.understudy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.assignment.HashBuckets;
import io.understudy.assignment.Share;
import io.understudy.assignment.TrafficSplit;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Prints the arm of a rollout that each unit belongs to. */
@Command(
        name = "assign",
        mixinStandardHelpOptions = true,
        description =
                "Prints the arm of each unit. A line has the unit, EXISTING or CANDIDATE, and the bucket of 100000, separated by tabs. "
                        + "Needs no cluster.")
final class AssignCommand implements Callable<Integer> {

    @Option(
            names = "--salt",
            required = true,
            paramLabel = "SALT",
            description = "Salt of the rollout: its identifier, unless its file sets a salt.")
    private String salt;

    @Option(
            names = "--share",
            required = true,
            paramLabel = "PERCENT",
            converter = ShareConverter.class,
            description = "Share of the candidate, e.g. 5%% or 0.001%%.")
    private Share share;

    @Option(
            names = "--encoding",
            paramLabel = "ENCODING",
            defaultValue = "text",
            converter = EncodingConverter.class,
            description =
                    "How the units are written: text (default), hex or base64. Keys that are not text need one of the others; a key of the LongSerializer has eight bytes, e.g. 000000000000002a in hex.")
    private UnitEncoding encoding;

    @Parameters(
            paramLabel = "UNIT",
            arity = "0..*",
            description =
                    "Record keys, or request ids when the unit of the rollout is the request. Default: one per line from standard input.")
    private @Nullable List<String> units;

    @Spec
    private CommandSpec spec;

    /** How the bytes of a unit are written on the command line. */
    private enum UnitEncoding {
        TEXT,
        HEX,
        BASE64;

        byte[] decode(String unit) {
            return switch (this) {
                case TEXT -> unit.getBytes(UTF_8);
                case HEX -> HexFormat.of().parseHex(unit);
                case BASE64 -> Base64.getDecoder().decode(unit);
            };
        }

        private String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static final class EncodingConverter implements ITypeConverter<UnitEncoding> {
        @Override
        public UnitEncoding convert(String text) {
            return Arrays.stream(UnitEncoding.values())
                    .filter(encoding -> encoding.code().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException(
                            "'" + text + "' is not an encoding; it must be text, hex or base64"));
        }
    }

    static final class ShareConverter implements ITypeConverter<Share> {
        @Override
        public Share convert(String text) {
            try {
                return Share.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        if (units != null) {
            units.forEach(unit -> print(unit, out));
        } else {
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            for (String unit = input.readLine(); unit != null; unit = input.readLine()) {
                print(unit, out);
            }
        }
        out.flush();
        return 0;
    }

    private void print(String unit, PrintWriter out) {
        byte[] bytes = decode(unit);
        out.println(unit + "\t" + TrafficSplit.arm(salt, bytes, share) + "\t" + HashBuckets.of(salt, bytes));
    }

    private byte[] decode(String unit) {
        try {
            return encoding.decode(unit);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "'" + unit + "' is not " + encoding.code() + ": " + e.getMessage());
        }
    }
}
